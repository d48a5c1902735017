// The real command told to end while something in progress does not end: exit code 6, and what it is.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, expect, test } from 'vitest'
import { killAll, startBin } from './run-bin.ts'

const fixture = fileURLToPath(new URL('hanging', import.meta.url))
const folder = mkdtempSync(path.join(tmpdir(), 'tidings-incomplete-'))

afterAll(() => {
  killAll()
  rmSync(folder, { recursive: true, force: true })
})

test('a start whose broker does not close ends with exit code 6, and says so', async () => {
  const args = ['start', 'slow', '--json', '--config', fixture, '--data', path.join(folder, 'data')]
  const running = startBin(args, { cwd: folder })
  await running.nextJson()
  running.signal('SIGTERM')
  const { code, signal, stderr } = await running.ended
  expect([code, signal]).toEqual([6, null])
  expect(stderr).toContain('Closing timed out before all services had stopped')
  const failure = stderr.split('\n').find((line) => line.startsWith('{"error"'))
  expect(JSON.parse(failure ?? '{}')).toMatchObject({
    error: { code: 'INCOMPLETE', message: 'What was in progress did not end in time, so the process ends without it.' },
  })
}, 60_000)
