// Services in processes of their own, killed at any time: the supervisor restarts them, the front keeps its address, and no accepted
// command is lost or done twice.

import { fork } from 'node:child_process'
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, onTestFinished, test, vi } from 'vitest'
import { type ProcessesOptions, type RunningProcesses, startProcesses } from '../src/child-processes/start-processes.ts'
import { loadConfig } from '../src/config/load-config.ts'
import { controlClients } from '../src/control/control-client.ts'
import { post, raw, temporaryFolder } from './running-shop.ts'

// Every start is a new Node process, which is slow on a busy machine.
const timeout = 60_000
vi.setConfig({ testTimeout: timeout, hookTimeout: timeout })

const configPath = fileURLToPath(new URL('./shop.config.ts', import.meta.url))

async function runningProcesses(options: ProcessesOptions = {}): Promise<RunningProcesses & { readonly data: string }> {
  const data = options.data ?? temporaryFolder()
  const running = await startProcesses(await loadConfig(configPath), configPath, {
    log: { level: 'silent' },
    ...options,
    data,
  })
  onTestFinished(() => running.close())
  return Object.assign(running, { data })
}

const pidOf = (running: RunningProcesses, service: string): number => {
  const { processes } = running
  return processes.find((each) => each.service === service)?.pid ?? 0
}

const isRunning = (pid: number): boolean => {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

// Retries a 503, as any client does.
async function place(url: string, orderId: string): Promise<number> {
  for (;;) {
    const answer = await post(
      `${url}/orders/commands/place-order`,
      { orderId, cents: 7 },
      { 'idempotency-key': `order/${orderId}` },
    )
    if (answer.status !== 503) return answer.status
    await new Promise<void>((resolve) => {
      setTimeout(resolve, 20)
    })
  }
}

test('each service has a process of its own, and all share one front', async () => {
  const running = await runningProcesses()
  const pids = running.processes.map(({ pid }) => pid)
  expect(new Set([...pids, process.pid]).size).toBe(3)
  expect(await place(running.httpUrl, 'o-1')).toBe(200)
  await running.settled()
  const parcel = await post(`${running.httpUrl}/shipping/queries/parcel`, { orderId: 'o-1' })
  expect(parcel.body).toEqual({ cents: 7 })
  const response = await fetch(`${running.httpUrl}/openapi.json`)
  const document = (await response.json()) as { paths: Record<string, unknown> }
  expect(Object.keys(document.paths)).toContain('/shipping/queries/parcel')
  const clients = await running.clients()
  expect(clients.map(({ run }) => [run.name, run.pid])).toEqual([
    ['orders', pidOf(running, 'orders')],
    ['shipping', pidOf(running, 'shipping')],
  ])
})

test('the front forwards problems, headers and principals, refuses unknown callers, and knows its services', async () => {
  const running = await runningProcesses()
  const url = running.httpUrl
  const invalid = await post(`${url}/orders/commands/place-order`, {})
  expect([invalid.status, invalid.headers.get('content-type')]).toEqual([422, 'application/problem+json'])
  expect(invalid.headers.get('x-content-type-options')).toBe('nosniff')
  const headers = { 'x-who': 'ada', 'tidings-correlation-id': 'talk-1' }
  await post(`${url}/orders/commands/place-order`, { orderId: 'o-1', cents: 1 }, headers)
  const order = await post(`${url}/orders/queries/order`, { orderId: 'o-1' })
  expect(order.body).toMatchObject({ principal: 'ada', correlationId: 'talk-1' })
  const nobody = await post(`${url}/orders/commands/place-order`, {}, { 'x-who': 'nobody' })
  expect([nobody.status, nobody.body.code]).toEqual([401, 'UNAUTHENTICATED'])
  const unknown = await post(`${url}/nobody/commands/place-order`, {})
  expect([unknown.status, unknown.body.code]).toEqual([404, 'not-found'])
  expect((await post(`${url}/orders/commands/place-order`, {}, { origin: 'http://evil.example' })).status).toBe(403)
  const rebound = await raw(url, 'GET /orders/openapi.json HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n')
  expect(rebound).toMatch(/^HTTP\/1\.1 403 /)
  const large = await post(`${url}/orders/commands/place-order`, { orderId: 'x'.repeat(2_000_000), cents: 1 })
  expect(large.status).toBe(413)
})

test('P2, P3: processes that are killed repeatedly lose nothing and do nothing twice', async () => {
  const running = await runningProcesses()
  const ids = Array.from({ length: 60 }, (_, n) => `o-${n}`)
  const statuses: number[] = []
  const kills = [10, 25, 40]
  for (const [n, orderId] of ids.entries()) {
    if (kills.includes(n)) for (const { pid } of running.processes) if (pid !== undefined) process.kill(pid, 'SIGKILL')
    statuses.push(await place(running.httpUrl, orderId))
  }
  await running.settled({ timeoutMs: timeout })
  expect(statuses).toEqual(ids.map(() => 200))
  expect(running.processes.every(({ up, restarts }) => up && restarts >= 1)).toBe(true)
  const events = (await Promise.all((await running.clients()).map((client) => client.events({ limit: 1_000 })))).flat()
  expect(events.map(({ key }) => key).sort()).toEqual([...ids].sort())
  for (const orderId of ids)
    expect((await post(`${running.httpUrl}/shipping/queries/parcel`, { orderId })).body, orderId).toEqual({ cents: 7 })
})

test('P6: while one service is down, requests to it get a 503 with Retry-After, and the others answer', async () => {
  const running = await runningProcesses()
  process.kill(pidOf(running, 'shipping'), 'SIGKILL')
  const up = () => running.processes.find(({ service }) => service === 'shipping')?.up
  await expect.poll(up, { interval: 2, timeout }).toBe(false)
  const parcel = () => post(`${running.httpUrl}/shipping/queries/parcel`, { orderId: 'none' })
  const down = await parcel()
  expect([down.status, down.body.code, down.headers.get('retry-after')]).toEqual([503, 'service-down', '1'])
  expect(await place(running.httpUrl, 'o-1')).toBe(200)
  await expect.poll(up, { timeout }).toBe(true)
  expect((await parcel()).status).toBe(404)
})

test('closing ends every process and removes every run file', async () => {
  const running = await runningProcesses()
  const pids = running.processes.map(({ pid }) => pid ?? 0)
  await running.close()
  await running.ended
  expect(pids.map(isRunning)).toEqual([false, false])
  expect(await controlClients(running.data)).toEqual([])
  await expect(fetch(running.httpUrl)).rejects.toThrow()
})

test('the supervisor’s control endpoint stops the whole system', async () => {
  const running = await runningProcesses()
  const front = (await controlClients(running.data)).find(({ run }) => run.name === 'front@shop')
  expect(front?.run).toMatchObject({ services: [], http: running.httpUrl })
  await front?.stop()
  await running.ended
  expect(await controlClients(running.data)).toEqual([])
})

test('a process that does not end is killed after stopTimeoutMs', async () => {
  const running = await runningProcesses({ stopTimeoutMs: 600 })
  const pid = pidOf(running, 'orders')
  process.kill(pid, 'SIGSTOP')
  await running.close()
  expect(isRunning(pid)).toBe(false)
})

test('processes end when their supervisor is killed, and the next supervisor takes over', async () => {
  const data = temporaryFolder()
  const supervisor = fork(fileURLToPath(new URL('./supervisor.ts', import.meta.url)), [configPath, data], {
    execArgv: [],
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  })
  const pids = await new Promise<number[]>((resolve) =>
    supervisor.once('message', (message) => resolve(message as number[])),
  )
  expect(pids.every(isRunning)).toBe(true)
  supervisor.kill('SIGKILL')
  // Immediately, while the old processes still lock the stores.
  const running = await runningProcesses({ data })
  expect(await place(running.httpUrl, 'o-1')).toBe(200)
  await expect.poll(() => pids.filter(isRunning), { timeout }).toEqual([])
})

test('a configuration that cannot be loaded ends the start with its error, and leaves nothing behind', async () => {
  const data = temporaryFolder()
  const folder = path.join(data, 'broken')
  mkdirSync(folder)
  const broken = path.join(folder, 'tidings.config.ts')
  writeFileSync(broken, 'throw new TypeError("boom")')
  const start = startProcesses(await loadConfig(configPath), broken, { data, log: { level: 'silent' } })
  await expect(start).rejects.toMatchObject({ code: 'CONFIG_INVALID', message: expect.stringContaining('boom') })
  expect(await controlClients(data)).toEqual([])
  expect(existsSync(path.join(data, 'run', 'front@shop.json'))).toBe(false)
})
