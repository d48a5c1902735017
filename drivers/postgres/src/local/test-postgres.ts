// The Postgres that tests use: the one that is given, or a local one that costs nothing to ask for. A test runner that starts many processes
// gives them a folder, so that they share one server. Invariant: a server that is not given keeps nothing when the tests have ended.

import pg from 'pg'
import { type LocalPostgres, localPostgres } from './local-postgres.ts'
import { serverAccount } from './postgres-account.ts'
import { joinUsers } from './postgres-folder-locks.ts'
import { removeTemporary, temporaryFolder } from './postgres-temporary-folder.ts'

/** A Postgres for tests. */
export interface TestPostgres extends Pick<LocalPostgres, 'url' | 'close'> {
  /** Drops the schemas of all services whose names begin so: what a test with a `schemaPrefix` of its own has made. */
  drop(schemaPrefix: string): Promise<void>
  /** Whether it was started here, so that a test may leave things in it. */
  readonly isTemporary: boolean
}

const urlVariable = 'TIDINGS_TEST_POSTGRES_URL'
const folderVariable = 'TIDINGS_TEST_POSTGRES_FOLDER'

/**
 * The server that the environment variable `TIDINGS_TEST_POSTGRES_URL` names; otherwise a local one without `fsync`, as `localPostgres` starts it. Each
 * test takes a `schemaPrefix` of its own.
 *
 * @example
 * ```ts
 * const { url, close } = await testPostgres()
 * ```
 */
export async function testPostgres(): Promise<TestPostgres> {
  const given = process.env[urlVariable]
  if (given !== undefined) return { url: given, isTemporary: false, ...dropping(given), close: async () => {} }
  const directory = process.env[folderVariable]
  const server = await localPostgres({ durable: false, ...(directory === undefined ? {} : { directory }) })
  return { url: server.url, isTemporary: true, ...dropping(server.url), close: server.close }
}

const dropping = (url: string): Pick<TestPostgres, 'drop'> => ({
  drop: async (schemaPrefix) => {
    const client = new pg.Client({ connectionString: url })
    await client.connect()
    try {
      const found = await client.query<{ name: string }>(
        'SELECT quote_ident(nspname) AS name FROM pg_namespace WHERE starts_with(nspname, $1)',
        [schemaPrefix],
      )
      // One after the other: a transaction locks every table that it drops, and the server has room for some thousand locks.
      for (const { name } of found.rows) await client.query(`DROP SCHEMA IF EXISTS ${name} CASCADE`)
    } finally {
      await client.end()
    }
  },
})

/**
 * Lets all processes that this one starts share the server of `testPostgres`, which starts when the first of them asks for it. Call it in the global
 * set-up of a test runner, and what it returns in the tear-down.
 */
export async function shareTestPostgres(): Promise<() => Promise<void>> {
  if (process.env[urlVariable] !== undefined) return async () => {}
  const account = serverAccount()
  const folder = await temporaryFolder(account)
  const user = joinUsers(folder)
  process.env[folderVariable] = folder
  return async () => {
    user.release()
    delete process.env[folderVariable]
    await removeTemporary(folder, account)
  }
}
