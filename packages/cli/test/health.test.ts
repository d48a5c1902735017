// Health probes of `tidings start`: a process whose main thread is blocked answers them, and so does one that has met damaged data.

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { Looping, loop } from './looping-folder.ts'
import { killAll, postJson, startBin, until } from './run-bin.ts'

const timeout = 40_000
const ok = [200, 'ok']

const folder = mkdtempSync(path.join(tmpdir(), 'tidings-health-'))
afterAll(() => {
  killAll()
  rmSync(folder, { recursive: true, force: true })
})

async function probe(url: unknown, at: string): Promise<readonly unknown[]> {
  const answer = await fetch(`${url}${at}`).catch(() => undefined)
  return [answer?.status, (await answer?.text())?.trim()]
}

test('a process that loops is not live, and says so although it answers nothing else, until its watchdog ends it', {
  timeout,
}, async () => {
  const running = new Looping({ BLOCKED_MS: '8000', TIDINGS_HEALTH: '0' }).begin()
  const { http, health } = await running.nextJson()
  expect(await probe(health, '/livez')).toEqual(ok)
  expect(await probe(health, '/readyz')).toEqual(ok)
  void loop(String(http), 'command')
  await until(
    () => probe(health, '/readyz'),
    ([, text]) => text === 'busy' || text === 'blocked',
  )
  await until(
    () => probe(health, '/livez'),
    ([, text]) => text === 'blocked',
  )
  expect(await running.ended).toMatchObject({ signal: 'SIGKILL' })
})

test('without a watchdog, a process that loops is not live, and nothing ends it', { timeout }, async () => {
  const running = new Looping({ WATCHDOG: 'none', BLOCKED_MS: '1000', TIDINGS_HEALTH: '0' }).begin()
  const { http, health } = await running.nextJson()
  void loop(String(http), 'command')
  await until(
    () => probe(health, '/livez'),
    ([, text]) => text === 'blocked',
  )
  for (let n = 0; n < 5; n++) expect(await probe(health, '/readyz')).toEqual([503, 'busy'])
  expect(await probe(health, '/livez')).toEqual([503, 'blocked'])
  running.signal('SIGKILL')
})

test('P9: a process that has met damaged data is not live', { timeout }, async () => {
  const about = ['--config', path.join(import.meta.dirname, 'damaged'), '--data', path.join(folder, 'data')]
  const start = async () => {
    const running = startBin(['start', 'bank', '--health', 'localhost:0', '--json', ...about], { cwd: folder })
    const { http, health } = await running.nextJson()
    return { running, http, health }
  }
  const pay = (url: unknown) => postJson(`${url}/bank/commands/pay`, { id: 'a', cents: 111_222 })
  const first = await start()
  await pay(first.http)
  await first.running.interrupt()
  const file = path.join(folder, 'data', 'bank.db')
  writeFileSync(file, readFileSync(file, 'latin1').replace('"cents":111222', '"cents":911222'), 'latin1')
  const second = await start()
  expect(await probe(second.health, '/livez')).toEqual(ok)
  await pay(second.http)
  await until(
    () => probe(second.health, '/livez'),
    ([, text]) => text === 'damaged',
  )
  await second.running.interrupt()
})
