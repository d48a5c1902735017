// Copies of a store, as a dump of its schema would be: what it held, to be put back later.

import { quoted } from '../src/database/postgres-names.ts'

/** Runs statements as one message, and returns the rows of the last one. */
export type RunSql = (text: string) => Promise<readonly Record<string, unknown>[]>

/** Copies a schema to another one; returns the way to restore it, as a dump that was taken in another database. */
export async function copySchema(run: RunSql, schema: string, copy: string): Promise<() => Promise<void>> {
  const tables = (await tablesOf(run, schema)).map(quoted)
  await run(
    [
      `CREATE SCHEMA ${quoted(copy)}`,
      ...tables.map((table) => `CREATE TABLE ${quoted(copy)}.${table} AS TABLE ${quoted(schema)}.${table}`),
      `CREATE TABLE ${quoted(copy)}.revision_now AS SELECT last_value, is_called FROM ${quoted(schema)}.tidings_revision`,
    ].join(';\n'),
  )
  return async () => {
    const later = (await tablesOf(run, schema)).map(quoted).filter((table) => !tables.includes(table))
    await run(
      [
        ...later.map((table) => `DROP TABLE ${quoted(schema)}.${table}`),
        ...tables.flatMap((table) => [
          `TRUNCATE ${quoted(schema)}.${table}`,
          `INSERT INTO ${quoted(schema)}.${table} SELECT * FROM ${quoted(copy)}.${table}`,
        ]),
        `SELECT setval('${quoted(schema)}.tidings_revision', last_value, is_called) FROM ${quoted(copy)}.revision_now`,
        `UPDATE ${quoted(schema)}.tidings_store SET database_oid = 1`,
      ].join(';\n'),
    )
  }
}

async function tablesOf(run: RunSql, schema: string): Promise<readonly string[]> {
  const found = await run(`SELECT tablename FROM pg_tables WHERE schemaname = '${schema.replaceAll("'", "''")}'`)
  return found.map(({ tablename }) => String(tablename))
}
