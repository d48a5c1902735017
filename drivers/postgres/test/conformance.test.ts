// The Postgres driver passes the suites that every driver passes.

import { brokerConformance, storeConformance } from '@tidings/testing/conformance'
import { describe, test } from 'vitest'
import { postgresUnderTest } from './postgres-under-test.ts'

const capabilities = { sql: true, durable: true, writers: 'many', relay: false, backup: false } as const

const options = { name: 'postgres', capabilities, create: () => postgresUnderTest(), describe, test }
storeConformance(options)
brokerConformance(options)
