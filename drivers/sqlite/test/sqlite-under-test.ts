// The SQLite driver as the conformance suites take it: over a folder of its own.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import type { DriverUnderTest } from '@tidings/testing/conformance'
import { backupsOf } from 'tidings/ports'
import { type Durability, sqliteDriver } from '../src/index.ts'
import { realEnvironment } from './processes/real-environment.ts'

/** A driver over a new folder. */
export function sqliteUnderTest(durability: Durability): DriverUnderTest {
  const folder = mkdtempSync(path.join(tmpdir(), 'tidings-sqlite-'))
  const directory = path.join(folder, 'data')
  const { ids } = realEnvironment
  const driver = sqliteDriver({ directory, durability })
  let count = 0
  const backupFile = (name: string) => {
    count += 1
    return path.join(folder, `${name}-${count}.backup`)
  }
  return {
    driver,
    backupFile,
    again: () => sqliteDriver({ directory, durability }),
    backUp: async (service) => {
      const file = backupFile(service)
      await backupsOf(driver).backUp({ service, toFile: file })
      return () => backupsOf(driver).restore({ service, fromFile: file, ids })
    },
    remove: (service) => {
      for (const suffix of ['', '-wal', '-shm']) rmSync(path.join(directory, `${service}.db${suffix}`), { force: true })
    },
    dispose: () => rmSync(folder, { recursive: true, force: true, maxRetries: 3 }),
  }
}
