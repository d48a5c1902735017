// The SQLite driver passes the suites that every driver passes, under both durabilities.

import { brokerConformance, storeConformance } from '@tidings/testing/conformance'
import { describe, test } from 'vitest'
import { sqliteUnderTest } from './sqlite-under-test.ts'

const capabilities = { sql: true, durable: true, writers: 'one', relay: false, backup: true } as const

for (const durability of ['power-loss', 'process-crash'] as const) {
  const options = {
    name: `sqlite, ${durability}`,
    capabilities,
    create: () => sqliteUnderTest(durability),
    describe,
    test,
  }
  storeConformance(options)
  brokerConformance(options)
}
