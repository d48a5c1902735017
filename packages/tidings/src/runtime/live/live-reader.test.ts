// A reader that gives its items to a target: at once while the target keeps up, and bounded while it does not.

import { expect, test } from 'vitest'
import { type LiveItem, putItem } from './live-item.ts'
import { LiveReader, type LiveTarget } from './live-reader.ts'

const itemOf = (number: number): LiveItem =>
  putItem(`${number}`, { key: `${number}`, row: null, json: `"${number}".......` })

function reading(target: Partial<LiveTarget> = {}, bytesMax = 100) {
  const taken: string[] = []
  const reader = new LiveReader({ refresh: (each) => each.start(itemOf(100)), leave: () => {} }, bytesMax)
  const ended = reader.giveTo({
    take: (item) => {
      taken.push(item.id)
      return target.take?.(item) ?? true
    },
    drained: target.drained ?? (() => Promise.resolve()),
  })
  return { reader, taken, ended }
}

test('a target that keeps up takes each change in the turn in which it is offered', async () => {
  const { reader, taken, ended } = reading()
  reader.start(itemOf(0))
  await reader.started()
  await Promise.resolve()
  for (const number of [1, 2, 3]) {
    reader.offer(itemOf(number))
    expect(taken.at(-1)).toBe(`${number}`)
  }
  expect([taken, reader.bytesWaiting]).toEqual([['0', '1', '2', '3'], 0])
  reader.close()
  await ended
})

test('a target that is full is given nothing more until it has drained; then the changes in their order', async () => {
  const drained = Promise.withResolvers<void>()
  const { reader, taken, ended } = reading({ take: ({ id }) => id !== '1', drained: () => drained.promise })
  reader.start(undefined)
  await reader.started()
  await Promise.resolve()
  for (const number of [1, 2, 3]) reader.offer(itemOf(number))
  expect(taken).toEqual(['1'])
  drained.resolve()
  await drained.promise
  for (let turn = 0; turn < 10; turn++) await Promise.resolve()
  expect(taken).toEqual(['1', '2', '3'])
  reader.offer(itemOf(4))
  expect(taken.at(-1)).toBe('4')
  reader.close()
  await ended
})

test('a target that stays full makes its reader drop changes, and then gets one snapshot', async () => {
  const drained = Promise.withResolvers<void>()
  const { reader, taken, ended } = reading({ take: ({ id }) => id !== '1', drained: () => drained.promise }, 30)
  reader.start(undefined)
  await reader.started()
  await Promise.resolve()
  for (let number = 1; number <= 20; number++) {
    reader.offer(itemOf(number))
    expect(reader.bytesWaiting).toBeLessThanOrEqual(30)
  }
  drained.resolve()
  await drained.promise
  for (let turn = 0; turn < 10; turn++) await Promise.resolve()
  expect(taken).toEqual(['1', '100'])
  reader.close()
  await ended
})

test('a target that throws ends its reader only, with what it has thrown', async () => {
  const { reader, ended } = reading({
    take: () => {
      throw new Error('no connection')
    },
  })
  const { reader: other, taken } = reading()
  for (const each of [reader, other]) each.start(undefined)
  await Promise.all([reader.started(), other.started()])
  await Promise.resolve()
  for (const each of [reader, other]) each.offer(itemOf(1))
  await expect(ended).rejects.toThrow('no connection')
  expect(taken).toEqual(['1'])
})
