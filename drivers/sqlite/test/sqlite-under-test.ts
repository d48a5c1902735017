// The SQLite driver as the conformance suites take it: over a folder of its own.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import type { DriverUnderTest } from '@tidings/testing/conformance'
import { backupStore, type Durability, restoreStore, sqliteDriver } from '../src/index.ts'
import { realEnvironment } from './processes/real-environment.ts'

/** A driver over a new folder. */
export function sqliteUnderTest(durability: Durability): DriverUnderTest {
  const folder = mkdtempSync(path.join(tmpdir(), 'tidings-sqlite-'))
  const directory = path.join(folder, 'data')
  const { ids } = realEnvironment
  let backups = 0
  return {
    driver: sqliteDriver({ directory, durability }),
    again: () => sqliteDriver({ directory, durability }),
    backUp: async (service) => {
      backups += 1
      const file = path.join(folder, `${service}-${backups}.backup`)
      await backupStore({ directory, service, toFile: file })
      return () => restoreStore({ directory, service, fromFile: file, ids })
    },
    remove: (service) => {
      for (const suffix of ['', '-wal', '-shm']) rmSync(path.join(directory, `${service}.db${suffix}`), { force: true })
    },
    dispose: () => rmSync(folder, { recursive: true, force: true, maxRetries: 3 }),
  }
}
