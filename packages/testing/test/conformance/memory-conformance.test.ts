// The in-memory driver passes every conformance test, with a broker that keeps a copy and with one that reads the event logs directly.

import { brokerConformance, storeConformance } from '@tidings/testing/conformance'
import { describe, test } from 'vitest'
import { memoryUnderTest } from './memory-under-test.ts'

for (const relay of [true, false]) {
  const options = {
    name: `memory, relay: ${relay}`,
    capabilities: { sql: false, durable: false, relay, backup: true },
    create: () => memoryUnderTest(relay),
    describe,
    test,
  }
  storeConformance(options)
  brokerConformance(options)
}
