// A conformance test: a sentence from a port's documentation, and a function that tests it. A suite is a list of them, so any test runner can run
// it, also against drivers that are broken on purpose.

import type { Awaitable } from 'tidings/ports'
import type { DriverCapabilities, DriverUnderTest, Place } from './place.ts'
import { openPlace } from './place.ts'

/** One test of a suite. */
export interface ConformanceTest {
  /** The guarantee or part of the port it belongs to: `Atomicity`, `Tables`. */
  readonly topic: string
  /** What must hold, in the port's words. */
  readonly name: string
  /** Tests it on an empty place; throws if it does not hold. */
  readonly run: (place: Place) => Promise<void>
}

/** The part of a test runner that the suites use: vitest, node:test, mocha and jest all have it. */
export interface TestRunner {
  /** Groups tests. */
  readonly describe: (name: string, body: () => void) => unknown
  /** Declares a test. */
  readonly test: (name: string, run: () => Promise<void>) => unknown
}

/** What a suite is run on. */
export interface ConformanceOptions extends TestRunner {
  /** The driver's name, for the report. */
  readonly name: string
  /** What the driver claims; the suite tests that, and that everything else is refused with a code. */
  readonly capabilities: DriverCapabilities
  /** Creates a driver on an empty place; called once for each test. */
  readonly create: () => Awaitable<DriverUnderTest>
}

/** Declares the tests of a suite with a test runner. */
export function declareTests(suite: string, tests: readonly ConformanceTest[], options: ConformanceOptions): void {
  const topics = new Set(tests.map(({ topic }) => topic))
  options.describe(`${options.name}: ${suite}`, () => {
    for (const topic of topics) {
      options.describe(topic, () => {
        for (const test of tests) {
          if (test.topic === topic) options.test(test.name, () => runConformanceTest(test, options))
        }
      })
    }
  })
}

/** Runs one test on a place of its own; rejects if the driver does not pass. */
export async function runConformanceTest(
  test: ConformanceTest,
  { create, capabilities }: Pick<ConformanceOptions, 'create' | 'capabilities'>,
): Promise<void> {
  const place = await openPlace(await create(), capabilities)
  try {
    await test.run(place)
  } finally {
    await place.dispose()
  }
}
