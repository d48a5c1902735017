// The suites are useful only if they notice violations: each guarantee is removed from the in-memory driver in turn, and the
// test of that guarantee must turn red.

import { brokerTests, type ConformanceTest, runConformanceTest, storeTests } from '@tidings/testing/conformance'
import { describe, expect, test } from 'vitest'
import { brokenUnderTest, type Mutation } from './broken/break-driver.ts'
import { brokenBackups } from './broken/broken-backups.ts'
import { brokenBrokers } from './broken/broken-brokers.ts'
import { brokenChanges } from './broken/broken-changes.ts'
import { brokenColumns } from './broken/broken-columns.ts'
import { brokenCommits } from './broken/broken-commits.ts'
import { brokenLifecycles } from './broken/broken-lifecycles.ts'
import { brokenReads } from './broken/broken-reads.ts'
import { brokenWriters } from './broken/broken-writers.ts'

/** Runs one conformance test on a broken driver: the error it turns red with, or `undefined`. */
async function redOf(each: ConformanceTest, mutation: Mutation): Promise<unknown> {
  const { relay = true, writers = 'one', backup = true } = mutation
  const capabilities = { sql: false, durable: false, writers, relay, backup }
  try {
    await runConformanceTest(each, { create: () => brokenUnderTest(mutation), capabilities })
    return undefined
  } catch (error) {
    return error
  }
}

function declare(what: string, tests: readonly ConformanceTest[], mutations: readonly Mutation[]): void {
  describe(what, () => {
    test.each(mutations)('$wrong', async (mutation) => {
      for (const beginning of mutation.noticedBy) {
        const [named] = tests.filter(({ name }) => name.startsWith(beginning))
        expect(named, `there is a test “${beginning}…”`).toBeDefined()
        if (named !== undefined) expect(await redOf(named, mutation), `“${named.name}” notices it`).toBeDefined()
      }
    })
  })
}

declare('stores whose commits are broken', storeTests, brokenCommits)
declare('stores whose reads are broken', storeTests, brokenReads)
declare('stores whose columns with a type are broken', storeTests, brokenColumns)
declare('stores that open, close or claim wrongly', storeTests, brokenLifecycles)
declare('stores whose writers do not share', storeTests, brokenWriters)
declare('stores whose writers do not note what they change', storeTests, brokenChanges)
declare('backups that are broken', storeTests, brokenBackups)
declare('brokers that are broken', brokerTests, brokenBrokers)

test.each([
  [true, 'one'],
  [true, 'many'],
  [false, 'one'],
  [false, 'many'],
] as const)('a driver in the same wrapper, without damage, passes (relay: %s, writers: %s)', async (relay, writers) => {
  const correct: Mutation = { wrong: 'nothing', relay, writers, damage: () => ({}), noticedBy: [] }
  for (const each of [...storeTests, ...brokerTests]) expect(await redOf(each, correct), each.name).toBeUndefined()
})

test('a driver that has no backups and does not claim them passes', async () => {
  const correct: Mutation = {
    wrong: 'nothing',
    backup: false,
    damage: () => ({ backups: () => undefined }),
    noticedBy: [],
  }
  for (const each of storeTests) expect(await redOf(each, correct), each.name).toBeUndefined()
})
