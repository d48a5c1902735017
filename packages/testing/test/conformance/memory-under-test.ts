// The in-memory driver as the conformance suites take it.

import type { DriverUnderTest } from '@tidings/testing/conformance'
import { createSequentialIds, memoryDriver } from 'tidings/memory'

/** A fresh in-memory driver. */
export function memoryUnderTest(relay: boolean): DriverUnderTest {
  const driver = memoryDriver({ relay })
  const ids = createSequentialIds('restored')
  return {
    driver,
    backUp: (service) => {
      const backup = driver.backup(service)
      return () => driver.restore(backup, ids)
    },
    remove: (service) => driver.remove(service),
    dispose: () => {},
  }
}
