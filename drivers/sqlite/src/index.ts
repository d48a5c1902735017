// The public entry of the SQLite driver.

export { type BackupOptions, type BackupProgress, backupStore } from './sqlite-backup.ts'
export type { Durability } from './sqlite-connection.ts'
export { type SqliteDriverOptions, sqliteDriver } from './sqlite-driver.ts'
export { isStoreOpen } from './sqlite-lock.ts'
export { type RestoreOptions, restoreStore } from './sqlite-restore.ts'
