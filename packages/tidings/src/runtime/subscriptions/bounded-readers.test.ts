// Large pages are read in turns: nothing is left out, and other work runs in between.

import { expect, test } from 'vitest'
import { formatPosition, type Timeouts } from '../../ports/index.ts'
import type { Delivery, DeliveryPage, DeliveryReader } from '../delivery-readers/delivery-reader.ts'
import { readInTurns } from './bounded-readers.ts'

const count = 5_000

/** A history of events `e1`, `e2`, …; from `replacedAfter` on, as it looks to a later read, they are others. */
function history(replacedAfter = Number.POSITIVE_INFINITY): DeliveryReader {
  const nameAt = (number: number, from: number) =>
    number === 0 ? '' : from >= replacedAfter ? `other-${number}` : `e${number}`
  return {
    source: 'orders',
    read: async (after, limit): Promise<DeliveryPage> => {
      const from = Number(after)
      const upTo = Math.min(count, from + limit)
      const deliveries = Array.from({ length: upTo - from }, (_, index) => {
        const number = from + index + 1
        return { id: nameAt(number, from), position: formatPosition(number) } as Delivery
      })
      const edges = { after: nameAt(from, from), next: nameAt(upTo, from) }
      return { epoch: 'e', deliveries, next: formatPosition(upTo), head: formatPosition(count), edges }
    },
    earlierEpochs: async () => [],
    watch: () => () => {},
  }
}

function countingTurns(): { readonly timeouts: Timeouts; readonly turns: () => number } {
  let turns = 0
  const soon = (run: () => void) => {
    turns += 1
    queueMicrotask(run)
  }
  return { timeouts: { after: () => () => {}, soon }, turns: () => turns }
}

test('a page of any size has all of its events, and other work gets a turn after every 2,000', async () => {
  const { timeouts, turns } = countingTurns()
  const page = await readInTurns(history(), timeouts).read('', 10_000)
  expect(page.deliveries.map(({ id }) => id)).toEqual(Array.from({ length: count }, (_, index) => `e${index + 1}`))
  expect(page).toMatchObject({ next: formatPosition(count), head: formatPosition(count) })
  expect(page.edges).toEqual({ after: '', next: `e${count}` })
  expect(turns()).toBe(2)
  const part = await readInTurns(history(), timeouts).read(formatPosition(10), 2_500)
  expect(part.deliveries.length).toBe(2_500)
  expect(part.edges).toEqual({ after: 'e10', next: 'e2510' })
})

test('a page ends where the history was replaced while it was read', async () => {
  const page = await readInTurns(history(2_000), countingTurns().timeouts).read('', 10_000)
  expect(page.deliveries.length).toBe(2_000)
  expect(page.edges).toEqual({ after: '', next: 'e2000' })
})
