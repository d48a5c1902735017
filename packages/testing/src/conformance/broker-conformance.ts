// The suite for brokers: every guarantee of the `Broker` port, for brokers that keep a copy and for brokers that read the event logs directly.

import { brokerCloseTests } from './broker/close.ts'
import { brokerEpochTests } from './broker/epochs.ts'
import { publishingTests } from './broker/publishing.ts'
import { readingTests } from './broker/reading.ts'
import { watchingTests } from './broker/watching.ts'
import { type ConformanceOptions, type ConformanceTest, declareTests } from './suite/conformance-test.ts'

/** Every test of the suite for brokers. */
export const brokerTests: readonly ConformanceTest[] = [
  ...readingTests,
  ...publishingTests,
  ...brokerEpochTests,
  ...watchingTests,
  ...brokerCloseTests,
]

/**
 * Declares the suite for a driver's broker; its tests publish through stores of the same driver.
 *
 * @example
 * ```ts
 * import { describe, test } from 'vitest'
 * import { brokerConformance } from '@tidings/testing/conformance'
 *
 * brokerConformance({ name: 'mine', create: myDriverUnderTest, capabilities: { sql: true, durable: true, relay: false, backup: true }, describe, test })
 * ```
 */
export function brokerConformance(options: ConformanceOptions): void {
  declareTests('broker conformance', brokerTests, options)
}
