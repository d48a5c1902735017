// The suite for stores: every guarantee of the `Store`, `Engine` and `StoreBackups` ports, one file for each topic.

import { backupTests } from './store/backups.ts'
import { changeTests } from './store/changes.ts'
import { closeTests } from './store/close.ts'
import { commitTests } from './store/commit.ts'
import { concurrencyTests } from './store/concurrency.ts'
import { epochTests } from './store/epochs.ts'
import { logTests } from './store/event-log.ts'
import { findTests } from './store/find.ts'
import { hostileTests } from './store/hostile.ts'
import { reopenTests } from './store/reopen.ts'
import { searchTests } from './store/search.ts'
import { sqlTests } from './store/sql.ts'
import { sqlExpressionTests } from './store/sql-expressions.ts'
import { streamTests } from './store/streams.ts'
import { tableTests } from './store/tables.ts'
import { typedColumnTests } from './store/typed-columns.ts'
import { writerTests } from './store/writers.ts'
import { type ConformanceOptions, type ConformanceTest, declareTests } from './suite/conformance-test.ts'

/** Every test of the suite for stores. */
export const storeTests: readonly ConformanceTest[] = [
  ...commitTests,
  ...concurrencyTests,
  ...writerTests,
  ...changeTests,
  ...tableTests,
  ...findTests,
  ...typedColumnTests,
  ...streamTests,
  ...logTests,
  ...searchTests,
  ...hostileTests,
  ...sqlTests,
  ...sqlExpressionTests,
  ...epochTests,
  ...backupTests,
  ...reopenTests,
  ...closeTests,
]

/**
 * Declares the suite for a driver's stores.
 *
 * @example
 * ```ts
 * import { describe, test } from 'vitest'
 * import { storeConformance } from '@tidings/testing/conformance'
 *
 * storeConformance({ name: 'mine', create: myDriverUnderTest, capabilities: { sql: true, durable: true, writers: 'one', relay: false, backup: true }, describe, test })
 * ```
 */
export function storeConformance(options: ConformanceOptions): void {
  declareTests('store conformance', storeTests, options)
}
