// The Postgres driver as the conformance suites take it: schemas of its own in the database of the tests, which are dropped at the end.

import type { DriverUnderTest } from '@tidings/testing/conformance'
import pg from 'pg'
import { afterAll } from 'vitest'
import { boundedName, quoted } from '../src/database/postgres-names.ts'
import { type Durability, postgresDriver } from '../src/index.ts'
import { testPostgres } from '../src/local.ts'
import { copySchema } from './postgres-copies.ts'

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

/** A driver over schemas of its own. */
export function postgresUnderTest(durability: Durability = 'power-loss'): DriverUnderTest {
  const schemaPrefix = newPrefix()
  const create = () => postgresDriver({ url: testUrl(), schemaPrefix, durability })
  return {
    driver: create(),
    again: create,
    backUp: (service) =>
      copySchema(runSql, boundedName(`${schemaPrefix}${service}`), newName(`${schemaPrefix}~backup`)),
    remove: (service) =>
      runSql(`DROP SCHEMA ${quoted(boundedName(`${schemaPrefix}${service}`))} CASCADE`).then(() => {}),
    dispose: () => dropSchemas(schemaPrefix),
  }
}
