// The real command on a data folder in which somebody puts an older file of a publisher by hand, while nothing runs.

import { copyFileSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, expect, test } from 'vitest'
import { killAll, postJson, type RunningBin, runBin, startBin, until } from './run-bin.ts'

const fixture = fileURLToPath(new URL('fixture', import.meta.url))
const folder = mkdtempSync(path.join(tmpdir(), 'tidings-put-back-'))
const data = path.join(folder, 'data')
const about = ['--config', fixture, '--data', data]

afterAll(() => {
  killAll()
  rmSync(folder, { recursive: true, force: true })
})

async function start(service: string): Promise<RunningBin & { readonly url: string }> {
  const running = startBin(['start', service, '--json', '--log', 'warn', ...about], { cwd: folder })
  const { http } = await running.nextJson()
  return { ...running, url: String(http) }
}

async function place(url: string, first: number, last: number): Promise<void> {
  for (let number = first; number <= last; number++) {
    const order = { orderId: `order-${number}`, item: 'tea' }
    expect((await postJson(`${url}/orders/commands/place-order`, order)).status).toBeLessThan(300)
  }
}

interface Subscription {
  readonly source: string
  readonly state: string
  readonly lag: number
  readonly error?: { readonly code: string; readonly hint: string }
}

async function ofOrders(): Promise<readonly Subscription[]> {
  const { stdout } = await runBin(['status', '--json', ...about], { cwd: folder })
  const { processes } = JSON.parse(stdout) as {
    processes: { services: { service: string; subscriptions: Subscription[] }[] }[]
  }
  const services = processes.flatMap(({ services }) => services)
  const parcels = services.find(({ service }) => service === 'parcels')
  return parcels?.subscriptions.filter(({ source }) => source === 'orders') ?? []
}

test('an older file of a publisher, put back by hand and published past the old place, is heard of: its consumers stop and say how to go on', async () => {
  const first = await start('orders')
  await place(first.url, 1, 5)
  await first.interrupt()
  copyFileSync(path.join(data, 'orders.db'), path.join(folder, 'older.db'))
  const orders = await start('orders')
  const parcels = await start('parcels')
  await place(orders.url, 6, 45)
  await until(ofOrders, (found) => found.length === 2 && found.every(({ lag }) => lag === 0))
  await orders.interrupt()
  await parcels.interrupt()

  copyFileSync(path.join(folder, 'older.db'), path.join(data, 'orders.db'))
  for (const suffix of ['-wal', '-shm']) rmSync(path.join(data, `orders.db${suffix}`), { force: true })
  const grown = await start('orders')
  await place(grown.url, 101, 145)
  const reading = await start('parcels')
  const stopped = await until(ofOrders, (found) => found.some(({ state }) => state === 'stopped'))
  expect(stopped.find(({ state }) => state === 'stopped')?.error).toMatchObject({
    code: 'EPOCH_CHANGED',
    message: expect.stringMatching(/^The history of orders was replaced: at 0+45, /),
    hint: expect.stringContaining('npx tidings accept parcels orders --from now'),
  })
  // The handlers begin when the replica has been accepted and is complete, and stop then.
  for (let accepts = 0; accepts < 2; accepts++) {
    await until(ofOrders, (found) => found.some(({ state }) => state === 'stopped'))
    const accepted = await runBin(['accept', 'parcels', 'orders', '--from', 'beginning', ...about], { cwd: folder })
    expect(accepted).toMatchObject({ code: 0, stderr: '' })
  }
  await until(
    ofOrders,
    (found) => found.length === 2 && found.every(({ state, lag }) => state === 'running' && lag === 0),
  )
  await grown.interrupt()
  const { stderr } = await reading.interrupt()
  expect(stderr).toContain('The history of orders was replaced')
}, 120_000)
