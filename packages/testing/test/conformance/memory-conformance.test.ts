// The in-memory driver passes every conformance test, with a broker that keeps a copy and with one that reads the event logs directly, and with stores
// that have one writer and many.

import { brokerConformance, storeConformance } from '@tidings/testing/conformance'
import { describe, test } from 'vitest'
import { memoryUnderTest } from './memory-under-test.ts'

for (const relay of [true, false])
  for (const writers of ['one', 'many'] as const) {
    const options = {
      name: `memory, relay: ${relay}, writers: ${writers}`,
      capabilities: { sql: false, durable: false, writers, relay, backup: true },
      create: () => memoryUnderTest({ relay, writers }),
      describe,
      test,
    }
    storeConformance(options)
    brokerConformance(options)
  }
