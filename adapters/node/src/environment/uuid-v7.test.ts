// Ids: they have the form of RFC 9562, tell their time, and grow, whatever the clock does.

import { describe, expect, test } from 'vitest'
import { uuidsV7 } from './uuid-v7.ts'

const form = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/
const timeOf = (id: string) => Number.parseInt(id.replaceAll('-', '').slice(0, 12), 16)

/** Ids while the clock shows these times, one after the other. */
function idsAt(...times: readonly number[]): string[] {
  let index = 0
  const ids = uuidsV7(() => times[index++] as number)
  return times.map(() => ids.next())
}

describe('ids', () => {
  test('an id is a UUID of version 7 that has the time of its clock', () => {
    for (const time of [0, 1, 255, 1_700_000_000_000, 2 ** 48 - 1]) {
      const [id = ''] = idsAt(time)
      expect(id).toMatch(form)
      expect(timeOf(id)).toBe(time)
    }
  })

  test('ids of one millisecond grow, and no two are the same', () => {
    const ids = idsAt(...Array.from({ length: 5_000 }, () => 1_700_000_000_000))
    expect(ids.toSorted()).toEqual(ids)
    expect(new Set(ids).size).toBe(ids.length)
    for (const id of ids) expect(id).toMatch(form)
  })

  test('ids grow while the clock goes back a little, and follow it when it goes back far', () => {
    const [first = '', second = '', third = '', fourth = ''] = idsAt(50_000, 49_000, 50_001, 30_000)
    expect([first, second, third].toSorted()).toEqual([first, second, third])
    expect([first, second, third, fourth].map(timeOf)).toEqual([50_000, 50_000, 50_001, 30_000])
  })

  test('two generators share no id', () => {
    const [one, other] = [idsAt(7, 7, 7, 7), idsAt(7, 7, 7, 7)]
    expect(new Set([...one, ...other]).size).toBe(8)
  })
})
