// Opens the store of a service, and creates it if there is none. Several instances may do so at once: whoever creates or changes a layout holds a lock of
// the whole database, in a transaction of its own. (`CREATE … IF NOT EXISTS` alone fails if two do it at the same moment.)
// Invariant: nothing is written to a schema that is not a store of the service, or of a later layout than this code knows.

import { TidingsError } from 'tidings'
import type { EarlierEpoch, Ids } from 'tidings/ports'
import { functionStatements } from './postgres-commit-function.ts'
import type { PostgresConnection } from './postgres-connection.ts'
import type { PostgresConnections } from './postgres-connections.ts'
import { beginEpochStatements, identityOf, isRestored, storedIdentity } from './postgres-epochs.ts'
import { sqlState, sqlStateOf } from './postgres-errors.ts'
import { quotedText } from './postgres-names.ts'
import { layoutVersion, type StorePlace, schemaStatements } from './postgres-schema.ts'

/** What a store is. */
export interface StoreIdentity {
  readonly service: string
  readonly layout: number
  readonly epoch: string
  readonly earlierEpochs: readonly EarlierEpoch[]
  /** Whether it was written in another database, or restored in this one, since its epoch began. */
  readonly isRestored: boolean
}

/** The oldest server on which the driver is tested, as `server_version_num` says it. */
const serverVersionMin = 150_000

/** The lock of those who change layouts: any number that nobody else uses for an advisory lock in this database. */
const layoutLock = 7_464_103_211

/** Reads what the store is, and creates it before if there is none. Throws `CORRUPT_DATA`, `ENGINE_TOO_OLD` or an error of `pg`. */
export async function openLayout(
  connections: PostgresConnections,
  place: StorePlace,
  ids: Ids,
): Promise<StoreIdentity> {
  const found = await readIdentity(connections, place)
  if (found?.layout === layoutVersion) {
    if (!found.isRestored) return found
    await connections.borrow((connection) => connection.run(beginEpochStatements(place, ids.next()).join(';\n')))
    return (await readIdentity(connections, place)) ?? found
  }
  await connections.borrow(async (connection) => {
    await checkServer(connection)
    await connection.run(createOnce(place, ids.next()))
  })
  const created = await readIdentity(connections, place)
  if (created === undefined)
    throw new TidingsError('CORRUPT_DATA', `The schema ${place.schemaName} has lost its store.`)
  return created
}

/** What a store is; `undefined` if there is none. */
export async function readIdentity(
  connections: Pick<PostgresConnections, 'query'>,
  place: StorePlace,
): Promise<StoreIdentity | undefined> {
  try {
    const { rows } = await connections.query(
      `SELECT service, layout, epoch, earlier_epochs, ${isRestored(place)} FROM ${place.in('tidings_store')} WHERE only_row = $1`,
      [true],
    )
    const [row] = rows as IdentityRow[]
    return row === undefined ? undefined : checkIdentity(row, place)
  } catch (error) {
    const code = sqlStateOf(error)
    if (code === sqlState.undefinedTable || code === sqlState.undefinedSchema) return undefined
    throw error
  }
}

type IdentityRow = [service: string, layout: number, epoch: string, earlier: string, isRestored: boolean]

function checkIdentity([service, layout, epoch, earlier, isRestored]: IdentityRow, place: StorePlace): StoreIdentity {
  if (service !== place.service) {
    throw new TidingsError(
      'CORRUPT_DATA',
      `The schema ${place.schemaName} is the store of ${service}, not of ${place.service}.`,
    )
  }
  if (layout > layoutVersion) {
    throw new TidingsError(
      'ENGINE_TOO_OLD',
      `The store of ${service} has layout ${layout}; this version of @tidings/postgres knows layouts up to ${layoutVersion}.`,
      { hint: 'Start the version of @tidings/postgres that wrote it, or a newer one.' },
    )
  }
  return { service, layout, epoch, earlierEpochs: JSON.parse(earlier) as readonly EarlierEpoch[], isRestored }
}

async function checkServer(connection: PostgresConnection): Promise<void> {
  const { rows } = await connection.query(
    "SELECT current_setting('server_version_num')::int, current_setting('server_version'), current_setting('server_encoding')",
  )
  const [version, shown, encoding] = rows[0] as [number, string, string]
  if (version < serverVersionMin)
    throw new TidingsError('ENGINE_TOO_OLD', `Postgres ${shown} is older than 15, the oldest that Tidings uses.`)
  if (encoding !== 'UTF8')
    throw new TidingsError(
      'CONFIG_INVALID',
      `The database has the encoding ${encoding}; create one with ENCODING 'UTF8'.`,
    )
}

// One message and so one transaction. It does nothing if another instance was faster.
function createOnce(place: StorePlace, epoch: string): string {
  const statements = [
    ...schemaStatements(place),
    ...functionStatements(place),
    `INSERT INTO ${place.in('tidings_store')} (service, layout, epoch, ${storedIdentity})
       SELECT ${quotedText(place.service)}, ${layoutVersion}, ${quotedText(epoch)}, ${identityOf(place)}`,
  ]
  const body = statements.map((each) => `EXECUTE $statement$${each}$statement$;`).join('\n')
  return `SELECT pg_advisory_xact_lock(${layoutLock});
    DO $create$ BEGIN IF to_regclass(${quotedText(place.in('tidings_store'))}) IS NULL THEN ${body} END IF; END $create$`
}
