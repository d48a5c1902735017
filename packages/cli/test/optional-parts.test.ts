// Parts that a system can omit: the test kit, which only `tidings simulate` loads, and a driver's backups.

import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, expect, test } from 'vitest'
import { killAll, runBin } from './run-bin.ts'

const folder = mkdtempSync(path.join(tmpdir(), 'tidings-cli-'))
const data = path.join(folder, 'data')
const configIn = (name: string) => ['--config', fileURLToPath(new URL(name, import.meta.url)), '--data', data]
const withoutTestKit = { NODE_OPTIONS: `--import ${new URL('without-test-kit.ts', import.meta.url).href}` }

afterAll(() => {
  killAll()
  rmSync(folder, { recursive: true, force: true })
})

test('without the test kit all commands but simulate run, and simulate says what to install', async () => {
  const run = (...args: string[]) => runBin(args, { cwd: folder, env: withoutTestKit })
  const about = configIn('fixture')
  const [help, map, status, simulate] = await Promise.all([
    run('--help'),
    run('map', ...about),
    run('status', ...about),
    run('simulate', ...about.slice(0, 2)),
  ])
  expect(help).toMatchObject({ code: 0, stderr: '', stdout: expect.stringContaining('simulate') })
  expect(map).toMatchObject({ code: 0, stderr: '', stdout: expect.stringContaining('3 services') })
  expect(status).toMatchObject({ code: 3, stdout: expect.stringContaining('parcels') })
  expect(simulate).toMatchObject({ code: 5, stdout: '' })
  expect(simulate.stderr).toMatch(
    /needs the package @tidings\/testing[\s\S]*npm install --save-dev @tidings\/testing@\d/,
  )
}, 30_000)

test('a driver without backups is refused with its code and a hint, and nothing is written', async () => {
  const about = configIn('minimal')
  const file = path.join(folder, 'alone.backup')
  const commands = [
    ['backup', 'alone', file],
    ['check', 'alone'],
    ['restore', 'alone', file, '--yes'],
  ]
  for (const command of commands) {
    const { code, stdout, stderr } = await runBin([...command, ...about, '--json'], { cwd: folder })
    expect([code, stdout]).toEqual([5, ''])
    expect(JSON.parse(stderr)).toEqual({
      error: {
        code: 'BACKUP_UNSUPPORTED',
        message: 'The driver minimal has no backups.',
        hint: expect.stringContaining('Back up the stores'),
      },
    })
  }
  expect([existsSync(file), existsSync(data)]).toEqual([false, false])
}, 30_000)
