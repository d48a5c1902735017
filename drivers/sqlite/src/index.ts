// The public entry of the SQLite driver.

export {
  type BackupOptions,
  type BackupProgress,
  backupStore,
  isStoreOpen,
  type RestoreOptions,
  restoreStore,
} from './sqlite-backup.ts'
export type { Durability } from './sqlite-connection.ts'
export { type SqliteDriverOptions, sqliteDriver } from './sqlite-driver.ts'
