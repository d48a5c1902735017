// The public entry of the SQLite driver.

export { type BackupOptions, type BackupProgress, backupStore } from './backup/sqlite-backup.ts'
export type { Durability } from './database/sqlite-connection.ts'
export { type SqliteDriverOptions, sqliteDriver } from './sqlite-driver.ts'
export { isStoreOpen } from './database/sqlite-lock.ts'
export { type RestoreOptions, restoreStore } from './backup/sqlite-restore.ts'
