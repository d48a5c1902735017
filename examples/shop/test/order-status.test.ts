// An order's status depends on what happened, not on the sequence in which it was reported.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { order } from '../services/orders/order.ts'
import { statusOf } from '../services/orders/order-state.ts'

const at = (day: number) => new Date(Date.UTC(2017, 0, day))

interface Report {
  readonly fact: keyof typeof order.evolve
  readonly day: number
  readonly status?: string
}

function statusAfter(history: readonly Report[]) {
  let state: unknown = order.initialState()
  for (const { fact, day, status } of history) {
    const data = { status, customerId: 'c', estimatedDeliveryAt: at(30).toISOString(), items: [] }
    state = order.evolve[fact]?.(state as never, data as never, { occurredAt: at(day) } as never)
  }
  return statusOf(state as ReturnType<typeof order.initialState>)
}

const placed = { fact: 'placed', day: 1 }
const approved = { fact: 'approved', day: 3 }
const handedOver = { fact: 'handedOver', day: 2 }
const delivered = { fact: 'delivered', day: 9 }
const canceled = (day: number) => ({ fact: 'statusSet', day, status: 'canceled' })

test.each([
  ['created', [placed]],
  ['approved', [placed, approved]],
  ['shipped, though approved later', [placed, handedOver, approved]],
  ['delivered, never approved', [placed, handedOver, delivered]],
  ['canceled, right after its last moment', [placed, approved, handedOver, canceled(3)]],
  ['delivered, after it was cancelled', [placed, approved, canceled(4), delivered]],
])('%s', (expected, history) => {
  expect(statusAfter(history)).toBe(expected.split(',')[0])
})

test('the status does not depend on the sequence of the reports', () => {
  const lives = [
    [placed, approved, handedOver, delivered],
    [placed, approved, handedOver, canceled(3)],
    [placed, approved, canceled(4), delivered],
    [placed, approved, handedOver, delivered, canceled(9)],
  ]
  for (const life of lives) {
    const reported = fc.shuffledSubarray(life, { minLength: life.length })
    const property = fc.property(reported, (history) => {
      expect(statusAfter(history)).toBe(statusAfter(life))
    })
    fc.assert(property)
  }
})
