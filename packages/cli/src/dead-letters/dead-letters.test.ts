// Dead letters as a list: what comes under one heading, and what is said of it.

import type { DeferredDelivery } from 'tidings/operations'
import { expect, test } from 'vitest'
import { rendered } from '../terminal/text.ts'
import { drawDead, groupByError } from './draw-dead-letters.ts'

function parked(key: string, message: string, code = 'HANDLER_FAILED'): DeferredDelivery {
  return {
    ...{ service: 'parcels', subscriber: 'main', source: 'orders', id: `id-of-${key}`, type: 'test.order-placed' },
    ...{ key, ownKey: key, handlers: ['pack-parcel'], position: key, correlationId: 'c', state: 'parked' },
    ...{ attempts: 3, waits: 0, dueAt: 0, deferredAt: 0, error: { code, message, hint: 'Fix it.', stack: undefined } },
  }
}

test('events that failed for different reasons have headings of their own, the most frequent reason first', () => {
  const groups = groupByError([
    parked('a', 'It threw undefined, which is not an error.'),
    parked('b', 'It threw null, which is not an error.'),
    parked('c', 'It threw null, which is not an error.'),
    parked('d', 'It threw null, which is not an error.', 'UPCAST_FAILED'),
  ])
  expect(groups.map(({ code, message, deferred }) => [code, message, deferred.map(({ key }) => key)])).toEqual([
    ['HANDLER_FAILED', 'It threw null, which is not an error.', ['b', 'c']],
    ['HANDLER_FAILED', 'It threw undefined, which is not an error.', ['a']],
    ['UPCAST_FAILED', 'It threw null, which is not an error.', ['d']],
  ])
  const text = drawDead(groups, { all: false, now: 0, width: 120, complete: (text) => text }).map((line) =>
    rendered(line, false),
  )
  expect(text.filter((line) => line.includes('It threw'))).toHaveLength(3)
})

test('a message that names its own event gives one reason for all', () => {
  const groups = groupByError([
    parked('order-1', 'Order order-1 (id-of-order-1) of "Ann" cannot be packed.'),
    parked('order-10', 'Order order-10 (id-of-order-10) of "Bob" cannot be packed.'),
    parked('5', 'HTTP 500'),
    parked('4', 'HTTP 400'),
  ])
  expect(groups.map(({ deferred }) => deferred.length)).toEqual([2, 1, 1])
})
