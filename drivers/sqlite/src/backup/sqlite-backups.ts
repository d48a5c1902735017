// The backups of the driver: the port's capability, over the files of one directory. Nothing is opened until it is called.

import type { StoreBackups } from 'tidings/ports'
import { backupStore } from './sqlite-backup.ts'
import { checkStore } from './sqlite-check.ts'
import { restoreStore } from './sqlite-restore.ts'

/** The backups of the stores in a directory. */
export function sqliteBackups(directory: string): StoreBackups {
  return {
    backUp: (request) => backupStore(directory, request),
    restore: (request) => restoreStore(directory, request),
    check: (request) => checkStore(directory, request),
  }
}
