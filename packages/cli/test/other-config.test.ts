// A service that runs with another configuration may keep its store in another place: `check` and `backup` do not take a file for it.

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, expect, test } from 'vitest'
import { killAll, runBin } from './run-bin.ts'

const fixture = fileURLToPath(new URL('fixture', import.meta.url))
const folder = mkdtempSync(path.join(tmpdir(), 'tidings-other-'))
const data = path.join(folder, 'data')

afterAll(() => {
  killAll()
  rmSync(folder, { recursive: true, force: true })
})

function runs(config: string): void {
  mkdirSync(path.join(data, 'run'), { recursive: true })
  const run = {
    name: 'orders',
    pid: process.pid,
    services: ['orders'],
    control: 'http://127.0.0.1:1/',
    token: 'secret',
  }
  writeFileSync(path.join(data, 'run', 'orders.json'), JSON.stringify({ ...run, config, doors: null }))
}

test('check and backup refuse a service that runs with another configuration, and say which', async () => {
  const run = (...args: string[]) => runBin([...args, '--config', fixture, '--data', data], { cwd: folder })
  runs('/elsewhere/tidings.config.ts')
  const [checked, saved] = await Promise.all([
    run('check', 'orders'),
    run('backup', 'orders', path.join(folder, 'file')),
  ])
  for (const { code, stderr } of [checked, saved]) {
    expect(stderr).toContain('with another configuration')
    expect(stderr).toContain('--config /elsewhere/tidings.config.ts')
    expect(code).toBe(5)
  }
  runs(path.join(fixture, 'tidings.config.ts'))
  expect((await run('check', 'orders')).stderr).not.toContain('with another configuration')
}, 60_000)
