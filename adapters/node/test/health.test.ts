// The port for health probes: what it answers while a system starts, runs and closes, and that it tells nothing else to nobody.

import { TidingsError } from 'tidings'
import { memoryDriver } from 'tidings/memory'
import type { Driver, Store } from 'tidings/ports'
import { afterEach, expect, onTestFinished, test, vi } from 'vitest'
import type { Config } from '../src/config/config.ts'
import { type RunningSystem, startSystem, startWatchdog } from '../src/index.ts'
import { post, raw, runningShop, shopConfig, temporaryFolder } from './running-shop.ts'

const variable = 'TIDINGS_HEALTH'
const timeout = 30_000
vi.setConfig({ testTimeout: timeout })
const health = { port: 0 }

afterEach(() => {
  delete process.env[variable]
})

async function probe(url: string | null, path: string): Promise<readonly [number, string]> {
  const answer = await fetch(`${url}${path}`)
  return [answer.status, (await answer.text()).trim()]
}

const probes = async ({ healthUrl }: Pick<RunningSystem, 'healthUrl'>) => ({
  live: await probe(healthUrl, '/livez'),
  ready: await probe(healthUrl, '/readyz'),
})

const ok = [200, 'ok'] as const

test('without being asked for, no port for health is opened', async () => {
  expect((await runningShop()).healthUrl).toBeNull()
})

test('a system that runs is live and ready, at the port it is started with, that of TIDINGS_HEALTH, or that of the configuration', async () => {
  const config = { health }
  const configured = await runningShop({ config })
  expect(configured.healthUrl).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/)
  expect(await probes(configured)).toEqual({ live: ok, ready: ok })
  process.env[variable] = 'localhost:0'
  const named = await runningShop({ config, services: ['orders'] })
  expect(named.healthUrl).toMatch(/^http:\/\/localhost:/)
  const given = await runningShop({ config, health: { port: 0, host: '::1' } })
  expect(given.healthUrl).toMatch(/^http:\/\/\[::1\]:\d+$/)
  expect(await probes(given)).toEqual({ live: ok, ready: ok })
  expect((await runningShop({ config, health: false })).healthUrl).toBeNull()
})

test.each(['', '80 81', 'web', '70000', 'web:', ':1:x'])('%j is no port for health', async (text) => {
  process.env[variable] = text
  await expect(runningShop()).rejects.toMatchObject({ code: 'CONFIG_INVALID' })
})

test('a port that is taken is said, and the start leaves nothing behind', async () => {
  const { healthUrl } = await runningShop({ health })
  const data = temporaryFolder()
  const port = Number(new URL(healthUrl ?? '').port)
  await expect(runningShop({ data, health: { port } })).rejects.toMatchObject({
    code: 'CONFIG_INVALID',
    message: `Port ${port} of 127.0.0.1 is in use.`,
    hint: expect.stringContaining(variable),
  })
  await runningShop({ data })
})

test('P12: the port tells no names and no data, whatever is asked', async () => {
  const { healthUrl, url } = await runningShop({ health })
  await post(`${url}/orders/commands/place-order`, { orderId: 'secret', cents: 1 })
  const at = healthUrl ?? ''
  const requests = [
    'GET /livez HTTP/1.1\r\nHost: evil.example\r\n\r\n',
    'GET /readyz?verbose=1 HTTP/1.0\r\n\r\n',
    'HEAD /readyz HTTP/1.1\r\nHost: a\r\n\r\n',
    'GET / HTTP/1.1\r\nHost: a\r\n\r\n',
    'GET /orders/queries/order HTTP/1.1\r\nHost: a\r\n\r\n',
    'GET /livez/../orders HTTP/1.1\r\nHost: a\r\n\r\n',
    'POST /livez HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\n{}',
    'OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n',
    `GET /livez HTTP/1.1\r\nHost: a\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`,
    'nonsense\r\n\r\n',
  ]
  const answers = await Promise.all(requests.map((request) => raw(at, request)))
  const statuses = answers.map((answer) => Number(answer.split(' ')[1]))
  expect(statuses).toEqual([200, 200, 200, 404, 404, 404, 405, 404, 431, 400])
  for (const answer of answers) expect(answer).not.toMatch(/orders|shipping|shop|secret|tidings|sqlite|node/i)
})

test('connections that send nothing, and hundreds that ask, leave room for the next probe', async () => {
  const running = await runningShop({ health })
  const at = running.healthUrl ?? ''
  const silent = Array.from({ length: 30 }, () => raw(at).catch(() => ''))
  const asked = await Promise.all(Array.from({ length: 30 }, () => probe(at, '/readyz')))
  expect(new Set(asked.map(([status]) => status))).toEqual(new Set([200]))
  await Promise.all(silent)
  expect(await probes(running)).toEqual({ live: ok, ready: ok })
})

/** A driver whose stores can be away, and whose engine can be slow to open. */
function awayDriver() {
  const state = { isAway: false, opening: Promise.resolve() }
  const inner = memoryDriver()
  const between = (store: Store): Store =>
    new Proxy(store, {
      get: (target, name) => {
        const value = Reflect.get(target, name)
        if (name !== 'readEventLog') return typeof value === 'function' ? value.bind(target) : value
        return async (...given: Parameters<Store['readEventLog']>) => {
          if (state.isAway) throw new TidingsError('STORE_UNAVAILABLE', 'It is away.')
          return target.readEventLog(...given)
        }
      },
    })
  const driver: Driver = {
    ...inner,
    open: async (environment) => {
      await state.opening
      const engine = await inner.open(environment)
      return { ...engine, openStore: async (service) => between(await engine.openStore(service)) }
    },
  }
  return { state, config: { engine: () => driver } satisfies Partial<Config> }
}

test('a store that is away makes the system unready, and never unlive', async () => {
  const { state, config } = awayDriver()
  const running = await runningShop({ config, health })
  state.isAway = true
  await expect.poll(() => probe(running.healthUrl, '/readyz'), { timeout }).toEqual([503, 'store'])
  expect(await probe(running.healthUrl, '/livez')).toEqual(ok)
  state.isAway = false
  await expect.poll(() => probe(running.healthUrl, '/readyz'), { timeout }).toEqual(ok)
})

test('a probe answers while the system starts: live, and not ready', async () => {
  const { state, config } = awayDriver()
  const { promise: opening, resolve: open } = Promise.withResolvers<void>()
  state.opening = opening
  const taken = await runningShop({ health })
  const port = Number(new URL(taken.healthUrl ?? '').port)
  await taken.close()
  const starting = runningShop({ config, health: { port } })
  const healthUrl = `http://127.0.0.1:${port}`
  await expect.poll(() => probe(healthUrl, '/readyz').catch(() => 'refused'), { timeout }).toEqual([503, 'starting'])
  expect(await probe(healthUrl, '/livez')).toEqual(ok)
  open()
  const running = await starting
  expect(await probes(running)).toEqual({ live: ok, ready: ok })
})

test('a system that closes is live and not ready until everything in progress has ended, then the port is closed', async () => {
  const { promise: holding, resolve: letGo } = Promise.withResolvers<void>()
  const { config } = awayDriver()
  const running = await runningShop({ config, health })
  const close = running.system.close.bind(running.system)
  Object.assign(running.system, { close: () => holding.then(close) })
  const closing = running.close()
  await expect.poll(() => probe(running.healthUrl, '/readyz'), { timeout }).toEqual([503, 'closing'])
  expect(await probe(running.healthUrl, '/livez')).toEqual(ok)
  letGo()
  await closing
  await expect(probe(running.healthUrl, '/livez')).rejects.toThrow()
})

test('two systems of one process that share a watchdog have ports of their own', async () => {
  const watchdog = startWatchdog({ format: 'none' })
  onTestFinished(() => watchdog.stop())
  const [one, other] = await Promise.all([runningShop({ watchdog, health }), runningShop({ watchdog, health })])
  await one.close()
  await expect(probe(one.healthUrl, '/livez')).rejects.toThrow()
  expect(await probes(other)).toEqual({ live: ok, ready: ok })
})

test('a watchdog whose thread has ended opens no port, and the start says so', async () => {
  const watchdog = startWatchdog({ format: 'none' })
  await watchdog.stop()
  const data = temporaryFolder()
  await expect(startSystem(shopConfig(), { data, http: false, watchdog, health })).rejects.toMatchObject({
    code: 'CONFIG_INVALID',
    message: expect.stringContaining('its thread has ended'),
  })
})
