// The public entry of the SQLite driver.

export type { Durability } from './database/sqlite-connection.ts'
export { isStoreOpen } from './database/sqlite-lock.ts'
export { type SqliteDriverOptions, sqliteDriver } from './sqlite-driver.ts'
