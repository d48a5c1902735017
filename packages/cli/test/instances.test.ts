// Two instances of a system on one machine: an operator sees both, and whatever they both know once.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Config, loadConfig, type RunningSystem, startSystem } from '@tidings/node'
import { memoryDriver } from 'tidings/memory'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { Operator } from '../src/system/operator.ts'
import { createTerminal } from '../src/terminal/terminal.ts'

const fixture = fileURLToPath(new URL('fixture', import.meta.url))
const data = mkdtempSync(path.join(tmpdir(), 'tidings-two-instances-'))
const running: RunningSystem[] = []
let operator: Operator

beforeAll(async () => {
  process.env.POISON = fixture
  const driver = memoryDriver({ writers: 'many' })
  const config: Config = { ...(await loadConfig(fixture)), engine: () => driver }
  for (const instance of ['web-1', 'web-2'])
    running.push(await startSystem(config, { instance, data, http: false, log: { level: 'silent' } }))
  const [first] = running
  for (const orderId of ['a', 'b'])
    await first?.system.service('orders').command('place-order', { orderId, item: 'poison' })
  for (const { settled } of running) await settled({ timeoutMs: 60_000 })
  const { stdout, stderr } = process
  operator = await Operator.open(
    {
      terminal: createTerminal({ stdout, stderr, env: {} }),
      cwd: fixture,
      env: {},
      interrupted: new AbortController().signal,
      outliveReaders: () => {},
    },
    { data },
  )
}, 90_000)

afterAll(async () => {
  await operator?.close()
  for (const { close } of running) await close()
  delete process.env.POISON
  rmSync(data, { recursive: true, force: true })
})

test('each instance has an account, and each subscription runs in one of them and is elsewhere for the other', async () => {
  const accounts = (await operator.status()).flatMap(({ services }) => services)
  expect(accounts.map(({ service, instance }) => `${service} ${instance?.name}`).toSorted()).toEqual(
    ['insights', 'orders', 'parcels'].flatMap((service) => [`${service} web-1`, `${service} web-2`]),
  )
  const ofParcels = accounts.filter(({ service }) => service === 'parcels')
  for (const subscriber of ['main', 'replica.known']) {
    const states = ofParcels.map((account) => {
      const found = account.subscriptions.find((each) => each.subscriber === subscriber)
      return { name: account.instance?.name, state: found?.state, holder: found?.holder, known: found?.isHeadKnown }
    })
    const runs = states.find(({ state }) => state === 'running')
    const other = states.find(({ state }) => state === 'elsewhere')
    expect(other).toMatchObject({ holder: runs?.name, known: true })
  }
})

test('events and dead letters that both instances know are listed once', async () => {
  const events = await operator.events({ type: 'test.order-placed' }, 100)
  expect(events.map(({ key }) => key).toSorted()).toEqual(['a', 'b'])
  const deferred = await operator.deferred({})
  expect(deferred.map(({ key, state }) => `${key} ${state}`).toSorted()).toEqual(['a parked', 'b parked'])
  const redrives = await operator.redrive({}, { dryRun: true })
  expect(redrives.flatMap(({ events: all }) => all)).toHaveLength(2)
})
