// The first line of the table: it comes as soon as an order was handled, and not a second later.
import { stripVTControlCharacters } from 'node:util'
import type { ServiceStatus } from 'tidings/runtime'
import { expect, test } from 'vitest'
import { runGeneratedOrders } from '../run/generated-orders.ts'
import type { Shop } from '../run/shop.ts'

test('the first line of `npm start` shows the first order that was handled', async () => {
  const interruption = new AbortController()
  let looks = 0
  const shop = {
    send: async () => ({ accepted: true, replayed: false }),
    status: async () => {
      looks++
      const handled = looks < 4 ? 0 : 7
      const orders = { service: 'orders', eventLogHead: String(handled).padStart(16, '0'), subscriptions: [] }
      const payments = {
        service: 'payments',
        eventLogHead: '',
        subscriptions: [{ source: 'orders', head: '', handled }],
      }
      return [orders, payments] as unknown as readonly ServiceStatus[]
    },
  } as unknown as Shop
  const lines: string[] = []
  const terminal = {
    write: (text: string) => {
      lines.push(...stripVTControlCharacters(text).trimEnd().split('\n'))
      if (lines.some((line) => /^\d\d:\d\d/.test(line))) interruption.abort()
      return true
    },
  }
  await runGeneratedOrders(shop, { seed: 1, from: 0, terminal, signal: interruption.signal })
  const [orders] = lines.flatMap((line) => /^\d\d:\d\d +[\d,]+ +down +([\d,]+|·)/.exec(line)?.[1] ?? [])
  expect(orders).toMatch(/[1-9]/)
})
