// The in-memory driver as the conformance suites take it.

import type { DriverUnderTest } from '@tidings/testing/conformance'
import { createSequentialIds, type MemoryDriverOptions, memoryDriver } from 'tidings/memory'

/** A fresh in-memory driver. */
export function memoryUnderTest(options: MemoryDriverOptions): DriverUnderTest {
  const driver = memoryDriver(options)
  const ids = createSequentialIds('restored')
  let count = 0
  const backupFile = (name: string) => {
    count += 1
    return `${name}-${count}`
  }
  return {
    driver,
    backupFile,
    backUp: async (service) => {
      const file = backupFile(service)
      await driver.backups.backUp({ service, toFile: file })
      return () => driver.backups.restore({ service, fromFile: file, ids })
    },
    remove: (service) => driver.remove(service),
    dispose: () => {},
  }
}
