// The public entry of the Postgres driver.

export { postgresDriver } from './postgres-driver.ts'
export type { Durability, PostgresDriverOptions } from './postgres-options.ts'
