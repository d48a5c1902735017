// The conformance suites: what a driver must pass before anybody trusts it with events. They work with any test runner.

export { brokerConformance, brokerTests } from './broker-conformance.ts'
export {
  type ConformanceOptions,
  type ConformanceTest,
  runConformanceTest,
  type TestRunner,
} from './conformance-test.ts'
export type { DriverCapabilities, DriverUnderTest, Place } from './place.ts'
export { storeConformance, storeTests } from './store-conformance.ts'
