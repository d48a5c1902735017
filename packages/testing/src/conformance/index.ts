// The conformance suites: what a driver must pass before it is used for real events. They work with any test runner.

export { brokerConformance, brokerTests } from './broker-conformance.ts'
export { storeConformance, storeTests } from './store-conformance.ts'
export {
  type ConformanceOptions,
  type ConformanceTest,
  runConformanceTest,
  type TestRunner,
} from './suite/conformance-test.ts'
export type { DriverCapabilities, DriverUnderTest, Place } from './suite/place.ts'
