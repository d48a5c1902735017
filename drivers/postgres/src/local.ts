// The entry `@tidings/postgres/local`: a Postgres that starts by itself.

export { type LocalPostgres, type LocalPostgresOptions, localPostgres } from './local/local-postgres.ts'
export { shareTestPostgres, type TestPostgres, testPostgres } from './local/test-postgres.ts'
export { type LocalPostgresDriverOptions, localPostgresDriver } from './postgres-local-driver.ts'
