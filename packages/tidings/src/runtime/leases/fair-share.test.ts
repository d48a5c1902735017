// How the groups of a service are divided, from the rows alone.

import { expect, test } from 'vitest'
import { shareOf } from './fair-share.ts'
import { isFree, type Leases } from './lease-rows.ts'

const alive = { run: '1', expiresAt: 100, code: 1, revision: 1 }

function leasesOf(held: Readonly<Record<string, readonly string[]>>, dead: readonly string[] = []): Leases {
  return {
    now: 50,
    instances: new Map(
      Object.keys(held).map((name) => [name, dead.includes(name) ? { ...alive, expiresAt: 50 } : alive]),
    ),
    leases: new Map(
      Object.entries(held).flatMap(([holder, groups]) =>
        groups.map((group) => [group, { holder, run: '1', revision: 2 }] as const),
      ),
    ),
  }
}

function share(all: Leases, groups: readonly string[], name: string) {
  return shareOf(all, groups, { name, canTake: (group) => isFree(all, group) })
}

test('a lease of an earlier run of its holder is free', () => {
  const all = leasesOf({ a: ['x'], b: [] })
  expect(isFree(all, 'x')).toBe(false)
  const again = { ...all, instances: new Map([...all.instances, ['a', { ...alive, run: '2' }]]) }
  expect(isFree(again, 'x')).toBe(true)
})

test('what is left over stays with those who have most', () => {
  const all = leasesOf({ a: ['1', '2', '3'], b: ['4', '5'] })
  const groups = ['1', '2', '3', '4', '5']
  expect(share(all, groups, 'a')).toEqual({ take: [], giveCount: 0 })
  expect(share(all, groups, 'b')).toEqual({ take: [], giveCount: 0 })
})

test('an instance that has none gets its share from those who have more', () => {
  const all = leasesOf({ a: ['1', '2'], b: ['3', '4'], c: ['5'], d: [] })
  const groups = ['1', '2', '3', '4', '5']
  expect(['a', 'b', 'c', 'd'].map((name) => share(all, groups, name).giveCount)).toEqual([0, 1, 0, 0])
})

test('each takes no more than its share of what is free', () => {
  const all = leasesOf({ a: ['1', '2', '3', '4'], b: [], c: [] }, ['a'])
  const groups = ['1', '2', '3', '4']
  const [ofB, ofC] = ['b', 'c'].map((name) => share(all, groups, name).take)
  expect([ofB?.length, ofC?.length]).toEqual([2, 2])
})

test('nothing is taken twice, and all of it is taken, from any start to rest', () => {
  const groups = Array.from({ length: 17 }, (_, index) => `g${index}`)
  for (let count = 1; count <= 6; count++) {
    const names = Array.from({ length: count }, (_, index) => `i${index}`)
    const held: Record<string, string[]> = Object.fromEntries(names.map((name) => [name, []]))
    held.i0 = [...groups]
    let moves = 0
    for (let round = 0; round < 20; round++) {
      for (const name of names) {
        const { take, giveCount } = share(leasesOf(held), groups, name)
        const own = held[name] ?? []
        moves += take.length + giveCount
        held[name] = [...own.slice(0, own.length - giveCount), ...take]
      }
    }
    expect(Object.values(held).flat().toSorted()).toEqual(groups.toSorted())
    const sizes = Object.values(held).map(({ length }) => length)
    expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1)
    // Given once, and taken once.
    expect(moves).toBe(2 * (groups.length - Math.max(...sizes)))
  }
})

test('older code gives everything back to newer code that is alive, and takes it again when there is none', () => {
  const all = leasesOf({ old: ['1', '2'], new: [] })
  const newer = { ...alive, code: 2 }
  const rolling = { ...all, instances: new Map([...all.instances, ['new', newer]]) }
  expect(share(rolling, ['1', '2'], 'old')).toMatchObject({ take: [], giveCount: 2 })
  const gone = leasesOf({ old: [], new: ['1', '2'] })
  const dead = { ...gone, instances: new Map([...gone.instances, ['new', { ...newer, expiresAt: 50 }]]) }
  expect(share(dead, ['1', '2'], 'old').take.toSorted()).toEqual(['1', '2'])
})

test('an instance whose heartbeat has just expired gives nothing back', () => {
  const all = leasesOf({ a: ['1', '2'], b: [] }, ['a'])
  expect(share(all, ['1', '2'], 'a').giveCount).toBe(0)
})
