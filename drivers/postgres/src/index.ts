// The public entry of the Postgres driver.

export type { Durability } from './postgres-options.ts'
