// The real command on a real system: started, inspected, given a poisoned event, repaired, backed up, restored, and ended.

import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { killAll, postJson, type RunningBin, runBin, startBin, until } from './run-bin.ts'

const fixture = fileURLToPath(new URL('fixture', import.meta.url))
const folder = mkdtempSync(path.join(tmpdir(), 'tidings-cli-'))
const poison = path.join(folder, 'poison')
const about = ['--config', fixture, '--data', path.join(folder, 'data')]
const environment = { cwd: folder, env: { POISON: poison } }
let dev: RunningBin
let url: string

const run = (...args: string[]) => runBin([...args, ...about], environment)
const json = async (...args: string[]) => {
  const { code, stdout, stderr } = await run(...args, '--json')
  expect(stderr).toBe('')
  expect(code).toBe(0)
  return JSON.parse(stdout)
}

async function place(orderId: string, item: string): Promise<void> {
  const response = await postJson(`${url}/orders/commands/place-order`, { orderId, item })
  expect(response.status).toBeLessThan(300)
}

beforeAll(async () => {
  writeFileSync(poison, '')
  dev = startBin(['dev', '--no-reload', '--json', '--log', 'error', ...about], environment)
  const started = await dev.nextJson()
  expect(started).toMatchObject({ kind: 'started', system: 'test', services: ['orders', 'parcels', 'insights'] })
  url = String(started.http)
  await place('order-1', 'tea')
  await place('poison-1', 'poison')
  await place('poison-1', 'poison')
}, 30_000)

afterAll(() => {
  killAll()
  rmSync(folder, { recursive: true, force: true })
})

test('dead letters are listed by error, shown, and redriven in order after a dry run', async () => {
  const [group] = await until(
    async () => (await json('dead', 'list')).groups,
    (groups) => groups[0]?.deferred[0]?.blocked === 1,
  )
  expect(group).toMatchObject({
    code: 'HANDLER_FAILED',
    deferred: [{ service: 'parcels', key: 'poison-1', attempts: 2 }],
  })

  const [text, shown, dry] = await Promise.all([run('dead'), run('dead', 'show', 'poison-1'), run('dead', 'redrive')])
  expect(text.stdout).toMatch(/HANDLER_FAILED {2}1 event/)
  expect(text.stdout).toContain('+1 blocked')
  expect(text.stdout).not.toContain('\u001b')
  expect(shown.stdout).toContain('cannot be \\u001b[31mpacked')
  expect(shown.stdout).toMatch(/at .*tidings\.config\.ts:\d+/)
  expect(shown.stdout).toContain('"item": "poison"')
  expect(dry).toMatchObject({ code: 0, stdout: expect.stringMatching(/^Would redrive 2 events of 1 key/) })
  expect(await json('dead', 'redrive')).toMatchObject({ dryRun: true, redrives: [{ key: 'poison-1' }] })

  rmSync(poison)
  const done = await json('dead', 'redrive', '--yes', '--code', 'HANDLER_FAILED')
  expect(done).toMatchObject({ dryRun: false, redrives: [{ events: [{ type: 'test.order-placed' }, {}] }] })
  const packed = await until(
    () => json('events', '--type', 'test.parcel-packed'),
    (events) => events.length === 3,
  )
  expect(packed.map(({ key }: { key: string }) => key)).toEqual(['order-1', 'poison-1', 'poison-1'])
  const cut = await run('events', '--type', 'test.parcel-packed', '--limit', '2')
  expect(cut.stdout).toContain('Showing the newest 2; raise --limit for older ones.')
  expect((await run('events', '--type', 'test.parcel-packed', '--limit', '3')).stdout).not.toContain('Showing')
}, 60_000)

test('why draws the tree from the command to the last event, for an id with or without its type', async () => {
  const [event] = await json('events', '--type', 'test.parcel-packed', '--key', 'order-1')
  const [byId, byType] = await Promise.all([json('why', event.id), json('why', `${event.type}/${event.id}`)])
  expect(byType).toEqual(byId)
  expect(byId).toMatchObject({
    eventCount: 2,
    begunBy: { service: 'orders', by: 'command/place-order' },
    unavailable: [],
    roots: [
      {
        event: { type: 'test.order-placed' },
        consequences: [{ event: { id: event.id, data: { orderId: 'order-1' } } }],
      },
    ],
  })
  const { stdout } = await run('why', event.id)
  expect(stdout).toMatch(/place-order {2}command of orders/)
  expect(stdout).toMatch(/✓ parcels pack-parcel/)
  expect(stdout).toContain('⇄ looks up orders/order')
  expect(stdout).toMatch(/▶ test\.parcel-packed {2}order-1/)
}, 30_000)

test('the map, the status and a rebuild of a running system', async () => {
  const [map, status, statusText, rebuilt] = await Promise.all([
    json('map'),
    json('status'),
    run('status'),
    json('rebuild', 'insights', 'by-sum'),
  ])
  expect(map).toMatchObject({ name: 'test', problems: [], services: [{ name: 'orders' }, { name: 'parcels' }, {}] })
  expect(status).toMatchObject({
    unavailable: [],
    stopped: [],
    processes: [{ services: [{}, { subscriptions: [{}, {}] }, {}] }],
  })
  expect(statusText.stdout).toMatch(/replica\.known {2,}orders {2,}running/)
  expect(rebuilt).toMatchObject({ service: 'insights', readModel: 'by-sum', events: 3 })
}, 30_000)

test('wrong usage is refused with an exit code, a sentence and a hint', async () => {
  const [unknown, service, model, event, locked, accept] = await Promise.all([
    run('evnts'),
    run('start', 'order'),
    run('rebuild', 'insights', 'by-some'),
    run('why', 'nothing'),
    run('start', 'orders', '--port', '0', '--log', 'silent'),
    run('accept', 'insights', 'parcels', '--from', 'now'),
  ])
  expect(unknown).toMatchObject({ code: 2, stderr: expect.stringContaining('Did you mean events?') })
  expect(service).toMatchObject({ code: 4, stderr: expect.stringContaining('Did you mean orders?') })
  expect(model).toMatchObject({ code: 4, stderr: expect.stringContaining('Did you mean by-sum?') })
  expect(event).toMatchObject({ code: 4 })
  expect(locked).toMatchObject({ code: 5, stderr: expect.stringContaining('STORE_LOCKED') })
  expect(accept).toMatchObject({ code: 4 })
}, 30_000)

test('events are followed as they are published', async () => {
  const following = startBin(['events', '--follow', '--type', 'test.order-placed', '--json', ...about], environment)
  await following.nextJson()
  await place('order-2', 'coffee')
  const next = await until(
    () => following.nextJson(),
    (event) => event.key === 'order-2',
  )
  expect(next).toMatchObject({ type: 'test.order-placed', data: { orderId: 'order-2', item: 'coffee' } })
  expect(await following.interrupt()).toMatchObject({ code: 0 })
}, 30_000)

test('a store is backed up while it runs and restored when it does not; its subscribers stop until you accept', async () => {
  const file = path.join(folder, 'orders.backup')
  expect(await json('backup', 'orders', file)).toMatchObject({ service: 'orders', file })
  expect(await run('backup', 'orders', file)).toMatchObject({ code: 2 })
  expect(await json('check', 'orders')).toMatchObject({ service: 'orders', uncheckedCount: 0, damages: [] })
  expect((await run('check', 'orders')).stdout).toMatch(
    /^✓ orders is undamaged {2}\d+ events published, \d+ facts\n {2}\S+orders\.db\n$/,
  )
  expect(await run('restore', 'orders', file, '--yes')).toMatchObject({ code: 5 })
  await place('order-3', 'milk')
  await until(
    () => json('events', '--type', 'test.parcel-packed', '--key', 'order-3'),
    (events) => events.length === 1,
  )
  const ended = await dev.interrupt()
  expect(ended).toMatchObject({ code: 0, stdout: expect.stringContaining('"ended"') })
  // A command that the log printed reaches this system from the folder in which it was started.
  const parked = ended.stderr.split('\n').find((line) => line.includes('"An event was parked')) ?? '{}'
  const { next } = JSON.parse(parked)
  expect(next).toMatch(/^npx tidings dead show \S+ --config \S+ --data data$/)
  const typed = await runBin(String(next).split(' ').slice(2), environment)
  expect(typed).toMatchObject({ code: 4, stderr: expect.stringContaining('No deferred event') })

  // Nothing runs, so the commands open the stores, one command after the other.
  const status = await run('status')
  expect(status).toMatchObject({ code: 3, stdout: expect.stringMatching(/parcels {2}not running {2}published/) })
  expect(await run('dead')).toMatchObject({ code: 0, stdout: expect.stringContaining('No dead letters') })
  const events = await run('events', '--key', 'order-3')
  expect(events).toMatchObject({ code: 0, stdout: expect.stringContaining('test.parcel-packed') })
  expect(events.stderr).toContain('Not running')
  const id = /[0-9a-f-]{36}/.exec(events.stdout)?.[0] ?? ''
  const why = await run('why', id)
  expect(why).toMatchObject({ code: 0, stdout: expect.stringMatching(/✓ parcels pack-parcel/) })
  expect(await run('restore', 'orders', file)).toMatchObject({ code: 2, stderr: expect.stringContaining('--yes') })
  expect(existsSync(path.join(folder, 'data', 'orders.db'))).toBe(true)

  expect(await json('restore', 'orders', file, '--yes')).toMatchObject({ service: 'orders' })
  dev = startBin(['dev', '--no-reload', '--json', '--log', 'silent', ...about], environment)
  await dev.nextJson()
  const stopped = await until(
    () => run('status'),
    ({ stdout }) => stdout.includes('EPOCH_CHANGED'),
  )
  expect(stopped.stdout).toContain('stopped')
  const accepted = await json('accept', 'parcels', 'orders', '--from', 'kept')
  expect(accepted.accepted).toHaveLength(2)
  expect(await json('events', '--key', 'order-3', '--service', 'orders')).toEqual([])
}, 60_000)
