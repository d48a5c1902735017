// The real command on a real system with a process manager, timers and a failing effect: inspected while it runs, repaired, and
// inspected again when it does not run.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { killAll, postJson, type RunningBin, runBin, startBin, until } from './run-bin.ts'

const fixture = fileURLToPath(new URL('reminders', import.meta.url))
const folder = mkdtempSync(path.join(tmpdir(), 'tidings-reminders-'))
const poison = path.join(folder, 'poison')
const about = ['--config', fixture, '--data', path.join(folder, 'data')]
const environment = { cwd: folder, env: { POISON: poison } }
const odd = 'a b/c 1'
let dev: RunningBin
let url: string

const run = (...args: string[]) => runBin([...args, ...about], environment)
const json = async (...args: string[]) => {
  const { code, stdout, stderr } = await run(...args, '--json')
  expect(stderr).toBe('')
  expect(code).toBe(0)
  return JSON.parse(stdout)
}

async function post(path: string, body: object): Promise<void> {
  const response = await postJson(`${url}/${path}`, body)
  expect(response.status).toBeLessThan(300)
}

beforeAll(async () => {
  writeFileSync(poison, '')
  dev = startBin(['dev', '--no-reload', '--json', '--log', 'silent', ...about], environment)
  url = String((await dev.nextJson()).http)
  await post('orders/commands/place-order', { orderId: 'o-1', patienceMs: 600_000 })
  await post('orders/commands/place-order', { orderId: odd })
  await post('orders/commands/place-order', { orderId: 'o-2', patienceMs: 600_000 })
  await post('orders/commands/pay-order', { orderId: 'o-2' })
  await post('payments/commands/schedule-report', { name: 'daily' })
  await until(
    () => json('effects'),
    ({ effects }) => effects[0]?.state === 'parked',
  )
  await until(
    () => json('process', 'list', '--state', 'ended'),
    ({ instances }) => instances.length === 1,
  )
}, 60_000)

afterAll(() => {
  killAll()
  rmSync(folder, { recursive: true, force: true })
})

test('instances are listed, and selected by process and state', async () => {
  const [all, ended, text] = await Promise.all([
    json('process', 'list'),
    json('process', 'list', 'payments', '--process', 'payment', '--state', 'ended'),
    run('process', 'list', '--limit', '2'),
  ])
  expect(all.instances.map(({ key, state }: { key: string; state: string }) => [key, state])).toEqual([
    [odd, 'running'],
    ['o-1', 'running'],
    ['o-2', 'ended'],
  ])
  expect(ended).toMatchObject({ instances: [{ service: 'payments', key: 'o-2' }], more: false, unavailable: [] })
  expect(text.stdout).toMatch(/payments\/payment {2}a b\/c 1 {2}running/)
  expect(text.stdout).toContain('Showing the first 2 instances')
}, 30_000)

test('a history is shown step by step, for any key, with pending effects and timers', async () => {
  const [history, text, ended, named] = await Promise.all([
    json('process', 'show', 'payment', odd),
    run('process', 'show', 'payment', odd),
    run('process', 'show', 'payment', 'o-2'),
    json('process', 'show', 'payments/payment', 'o-1'),
  ])
  expect(history).toMatchObject({
    instance: { key: odd, steps: 2 },
    state: { reminders: 1, paid: false },
    effects: [{ name: 'send-mail', state: 'parked' }],
  })
  expect(text.stdout).toMatch(/#1 {2}\S+ {2}← test\.order-placed {2}[0-9a-f-]{36}\n/)
  expect(text.stdout).toMatch(/#2 {2}\S+ {2}◷ remind/)
  expect(text.stdout).toContain('● reminded  {"text":"Please pay."}')
  expect(text.stdout).toContain('→ test.order-reminded')
  expect(text.stdout).toContain('↗ send-mail  parked')
  expect(text.stdout).toContain('the mail server says \\u001b[31mno')
  expect(text.stdout).not.toContain('\u001b')
  expect(ended.stdout).toMatch(/■ ended\n\nstate\n {2}\{\n {4}"reminders": 0,\n {4}"paid": true/)
  expect(named).toMatchObject({ timers: [{ name: 'remind', state: 'set' }] })
}, 30_000)

test('timers are listed, next due first', async () => {
  const [{ timers }, text, none] = await Promise.all([
    json('timers'),
    run('timers', 'payments'),
    run('timers', 'orders'),
  ])
  expect(timers).toMatchObject([
    { process: 'payment', name: 'remind', key: 'o-1' },
    { name: 'report', key: 'daily', every: { timeZone: 'Europe/Berlin' } },
  ])
  expect(text.stdout).toMatch(/in [89] min.*payments\/payment\.remind {2}o-1/)
  expect(text.stdout).toContain('every 30 9 * * mon-fri')
  expect(none.stdout).toContain('No timer is set')
}, 30_000)

test('status, the map and the causal tree name timers, effects and processes', async () => {
  const [event] = await json('events', '--type', 'test.order-reminded')
  const [status, map, mermaid, why] = await Promise.all([
    run('status'),
    json('map'),
    run('map', '--format', 'mermaid'),
    run('why', event.id),
  ])
  expect(status.stdout).toMatch(/payment {2,}\(timers\) {2,}running/)
  expect(status.stdout).toMatch(/effect\.send-mail {2,}\(effects\) {2,}running/)
  expect(status.stdout).toMatch(/next due in \d min/)
  expect(map.problems).toEqual([])
  expect(map.services[1].functions).toMatchObject([
    { kind: 'command', name: 'schedule-report' },
    { kind: 'process', hears: ['test.order-placed', 'test.order-paid'], timers: ['remind'], requests: ['send-mail'] },
    { kind: 'timer', name: 'report' },
    { kind: 'effect', name: 'send-mail' },
  ])
  expect(mermaid.stdout).toContain('service_payments == "send-mail" ==> outside')
  expect(why.stdout).toMatch(/✓ payments process payment/)
  expect(why.stdout).toMatch(/▶ test\.order-reminded {2}a b\/c 1 {2}payments · timer payment\.remind/)
}, 30_000)

test('an unknown name is refused, and the nearest one suggested', async () => {
  const [key, name, list, service, limit] = await Promise.all([
    run('process', 'show', 'payment', 'o-3'),
    run('process', 'show', 'paymnt', 'o-1'),
    run('process', 'list', '--process', 'paymnt'),
    run('timers', 'payment'),
    run('process', 'list', '--limit', '0'),
  ])
  expect(key).toMatchObject({ code: 4, stderr: expect.stringMatching(/no instance "o-3"[\s\S]*Did you mean o-[12]\?/) })
  expect(name).toMatchObject({ code: 4, stderr: expect.stringContaining('Did you mean payment?') })
  expect(list).toMatchObject({ code: 4, stderr: expect.stringContaining('Did you mean payment?') })
  expect(service).toMatchObject({ code: 4, stderr: expect.stringContaining('Did you mean payments?') })
  expect(limit).toMatchObject({ code: 2 })
}, 30_000)

test('a parked effect is shown as an effect, and is performed when it is redriven', async () => {
  const [text, shown, details, dry] = await Promise.all([
    run('dead'),
    run('dead', 'show', odd),
    json('dead', 'show', odd),
    run('dead', 'redrive'),
  ])
  expect(text.stdout).toMatch(/HANDLER_FAILED {2}1 effect\n/)
  expect(text.stdout).toContain(`\`npx tidings dead show '${odd}'`)
  expect(shown.stdout).toMatch(/effect {11}send-mail/)
  expect(shown.stdout).toMatch(/requested by {5}timer payment\.remind/)
  expect(shown.stdout).toContain('"text": "Please \\u001b[31mpay."')
  expect(details).toMatchObject([{ source: '~effects', effect: { key: odd, data: { orderId: odd } } }])
  expect(dry.stdout).toMatch(/^Would redrive 1 effect of 1 key/)
  rmSync(poison)
  expect(await json('dead', 'redrive', '--yes')).toMatchObject({ redrives: [{ source: '~effects', key: odd }] })
  await until(
    () => json('effects'),
    ({ effects }) => effects.length === 0,
  )
  expect((await run('process', 'show', 'payment', odd)).stdout).toMatch(/↗ send-mail\n/)
}, 30_000)

test('all of it can be inspected when no process runs, too', async () => {
  expect(await dev.interrupt()).toMatchObject({ code: 0 })
  expect(await run('process', 'list')).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/payment {2}o-2 {6}ended/),
  })
  expect(await json('process', 'show', 'payment', 'o-1')).toMatchObject({ timers: [{ name: 'remind', state: 'set' }] })
  expect((await json('timers')).timers).toHaveLength(2)
  expect(await json('effects')).toMatchObject({ effects: [] })
  const status = await run('status')
  expect(status).toMatchObject({
    code: 3,
    stdout: expect.stringMatching(/not running {2}published .*next due in \d min/),
  })
}, 30_000)
