// A service answers over HTTP whatever other services and the broker do (P6), on both drivers.

import { sqliteDriver } from '@tidings/sqlite'
import { memoryDriver } from 'tidings/memory'
import type { Driver } from 'tidings/ports'
import { describe, expect, test } from 'vitest'
import { brokenBrokers, publishingInCommits, withBroker } from './broken-brokers.ts'
import { post, runningShop, temporaryFolder } from './running-shop.ts'

// Work that hangs is abandoned when the system closes.
const closeTimeoutMs = 200

const drivers: readonly (readonly [string, (directory: string) => Driver])[] = [
  ['SQLite', (directory) => sqliteDriver({ directory, durability: 'process-crash' })],
  ['the in-memory driver', () => memoryDriver()],
]

/** Whether commands and queries are answered, each well within the time a caller would wait. */
async function answersOverHttp(url: string, patienceMs: number): Promise<boolean> {
  const within = <T>(answer: Promise<T>): Promise<T | undefined> =>
    Promise.race([answer, new Promise<undefined>((resolve) => void setTimeout(resolve, patienceMs, undefined).unref())])
  for (const orderId of ['o-1', 'o-2', 'o-3']) {
    const accepted = await within(post(`${url}/commands/place-order`, { orderId, cents: 5 }))
    if (accepted?.status !== 200) return false
  }
  const answer = await within(post(`${url}/queries/order`, { orderId: 'o-2' }))
  return answer?.status === 200 && answer.body.cents === 5
}

describe.each(drivers)('on %s', (_name, driverIn) => {
  test.each(brokenBrokers)(
    'P6: commands and queries answer with every other service stopped and %s',
    async (_what, breakIt) => {
      const driver = withBroker(driverIn(temporaryFolder()), breakIt)
      const { url } = await runningShop({ services: ['orders'], closeTimeoutMs, config: { engine: () => driver } })
      expect(await answersOverHttp(url, 10_000)).toBe(true)
    },
  )

  test.each(brokenBrokers)(
    'P6, broken variant: a store that publishes within its commits fails with %s',
    async (_what, breakIt) => {
      const driver = withBroker(driverIn(temporaryFolder()), breakIt, publishingInCommits)
      const { url } = await runningShop({
        services: ['orders'],
        closeTimeoutMs,
        config: { engine: () => driver },
        http: { drainTimeoutMs: 100 },
      })
      expect(await answersOverHttp(url, 500)).toBe(false)
    },
  )

  test.each(brokenBrokers)('P6: a service that hears events answers its queries with %s', async (_what, breakIt) => {
    const driver = withBroker(driverIn(temporaryFolder()), breakIt)
    const { url } = await runningShop({ services: ['shipping'], closeTimeoutMs, config: { engine: () => driver } })
    expect((await post(`${url}/queries/parcel`, { orderId: 'o-1' })).body.code).toBe('gone')
  })

  test('P2, P6: what was published while every other service was stopped is handled when they come back', async () => {
    const driver = driverIn(temporaryFolder())
    const config = { engine: () => driver }
    const alone = await runningShop({ services: ['orders'], config })
    await post(`${alone.url}/commands/place-order`, { orderId: 'o-1', cents: 5 })
    await alone.close()
    const all = await runningShop({ config })
    await all.settled()
    expect((await post(`${all.url}/shipping/queries/parcel`, { orderId: 'o-1' })).body).toEqual({ cents: 5 })
  })

  test('closing abandons work that hangs, logs it, and ends', async () => {
    const [, breakIt] = brokenBrokers[1]!
    const driver = withBroker(driverIn(temporaryFolder()), breakIt)
    const running = await runningShop({ closeTimeoutMs, config: { engine: () => driver } })
    await running.close()
    expect(running.lines).toContainEqual(
      expect.objectContaining({ level: 'warn', message: 'Closing timed out before all services had stopped' }),
    )
  })
})
