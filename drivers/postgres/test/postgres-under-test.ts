// The Postgres driver as the conformance suites take it: schemas of its own in the database of the tests, which are dropped at the end.

import type { DriverUnderTest } from '@tidings/testing/conformance'
import pg from 'pg'
import { afterAll } from 'vitest'
import { boundedName, quoted } from '../src/database/postgres-names.ts'
import { type Durability, postgresDriver } from '../src/index.ts'
import { testPostgres } from '../src/local.ts'

let count = 0

const server = await testPostgres()
afterAll(() => server.close())

/** The database of the tests. */
export function testUrl(): string {
  return server.url
}

/** Runs statements as one message, and returns the rows of the last one. */
export async function runSql(text: string, url = testUrl()): Promise<readonly Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    const answers: unknown = await client.query(text)
    return ((Array.isArray(answers) ? answers.at(-1) : answers) as pg.QueryResult).rows
  } finally {
    await client.end()
  }
}

/** A beginning of schemas that no other test has. */
export function newPrefix(): string {
  return newName(`t${process.pid}_`)
}

function newName(beginning: string): string {
  count += 1
  return `${beginning}${count}_`
}

/** Drops the schemas that begin so. */
export async function dropSchemas(prefix: string, url = testUrl()): Promise<void> {
  const found = await runSql(`SELECT nspname FROM pg_namespace WHERE starts_with(nspname, '${prefix}')`, url)
  for (const { nspname } of found) await runSql(`DROP SCHEMA ${quoted(String(nspname))} CASCADE`, url)
}

/** Copies the tables of a store into another schema; the way back makes a restored copy of them, which is another database for the store. */
async function backUp(prefix: string, service: string) {
  const [schema, copy] = [boundedName(`${prefix}${service}`), newName(`${prefix}~backup`)]
  const found = await runSql(
    `SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = '${quoted(schema)}'::regnamespace`,
  )
  const tables = found.map(({ relname }) => quoted(String(relname)))
  const copies = tables.map((table) => `CREATE TABLE ${quoted(copy)}.${table} AS TABLE ${quoted(schema)}.${table}`)
  await runSql([`CREATE SCHEMA ${quoted(copy)}`, ...copies].join('; '))
  return async () => {
    const emptied = tables.map((table) => `TRUNCATE ${quoted(schema)}.${table}`)
    const filled = tables.map(
      (table) => `INSERT INTO ${quoted(schema)}.${table} SELECT * FROM ${quoted(copy)}.${table}`,
    )
    const moved = `UPDATE ${quoted(schema)}.tidings_store SET database_oid = database_oid + 1`
    await runSql([...emptied, ...filled, moved].join('; '))
  }
}

/** A driver over schemas of its own. */
export function postgresUnderTest(durability: Durability = 'power-loss'): DriverUnderTest {
  const schemaPrefix = newPrefix()
  const create = () => postgresDriver({ url: testUrl(), schemaPrefix, durability })
  return {
    driver: create(),
    again: create,
    backUp: (service) => backUp(schemaPrefix, service),
    remove: (service) =>
      runSql(`DROP SCHEMA ${quoted(boundedName(`${schemaPrefix}${service}`))} CASCADE`).then(() => {}),
    dispose: () => dropSchemas(schemaPrefix),
  }
}
