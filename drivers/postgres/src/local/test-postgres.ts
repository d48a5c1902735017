// The Postgres that tests use: the one that is given, or a local one that costs nothing to ask for. A test runner that starts many processes
// gives them a folder, so that they share one server. Invariant: a server that is not given keeps nothing when the tests have ended.

import { type LocalPostgres, localPostgres } from './local-postgres.ts'
import { serverAccount } from './postgres-account.ts'
import { joinUsers } from './postgres-folder-locks.ts'
import { removeTemporary, temporaryFolder } from './postgres-temporary-folder.ts'

/** A Postgres for tests. */
export interface TestPostgres extends Pick<LocalPostgres, 'url' | 'close'> {
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
  if (given !== undefined) return { url: given, isTemporary: false, close: async () => {} }
  const directory = process.env[folderVariable]
  const server = await localPostgres({ durable: false, ...(directory === undefined ? {} : { directory }) })
  return { url: server.url, isTemporary: true, close: server.close }
}

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
