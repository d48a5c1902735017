// What tells a database from a copy of it. A dump, a base backup or a standby brings the epoch of each store along, so a store also keeps where it was
// written: the server's system identifier, the database, the timeline, and its own table. Where one of them differs, the store was restored.
// Invariant: a new epoch begins under the turn, with the head of that moment; of many instances that notice it, one begins the epoch.

import { isTidingsError, TidingsError } from 'tidings'
import type { PostgresConnection } from './postgres-connection.ts'
import { sqlState, sqlStateOf } from './postgres-errors.ts'
import { quotedText } from './postgres-names.ts'
import { type StorePlace, takeTurn } from './postgres-schema.ts'

/** The timeline that the server writes now; the one of its last checkpoint may be that before a promotion. */
const timeline = "('x' || substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8))::bit(32)::int::bigint"

/** The columns `system_identifier, database_oid, timeline` of the database that answers. */
export const databaseIdentity = `(SELECT system_identifier::text FROM pg_control_system()),
  (SELECT oid::bigint FROM pg_database WHERE datname = current_database()), ${timeline}`

/** The columns of a store's own row that say where it was written. */
export const storedIdentity = 'system_identifier, database_oid, timeline, store_oid'

/** The values of `storedIdentity` for a store that is here. */
export const identityOf = (place: StorePlace): string =>
  `${databaseIdentity}, ${quotedText(place.in('tidings_store'))}::regclass::oid::bigint`

/** Whether a store was written elsewhere, as SQL over its own row. */
export const isRestored = (place: StorePlace): string => `(${storedIdentity}) IS DISTINCT FROM (${identityOf(place)})`

/**
 * Statements that begin a new epoch if the store was written elsewhere; run them as one message. Whoever has the store open from before commits nothing
 * more, because what it remembers may be gone.
 */
export function beginEpochStatements(place: StorePlace, epoch: string): readonly string[] {
  const head = `(SELECT max(position) FROM ${place.in('tidings_events')})`
  const earlier = `jsonb_build_object('epoch', epoch, 'upTo', coalesce(lpad(${head}::text, 16, '0'), ''))`
  return [
    takeTurn(place),
    `DELETE FROM ${place.in('tidings_runs')} WHERE EXISTS (SELECT FROM ${place.in('tidings_store')} WHERE ${isRestored(place)})`,
    `UPDATE ${place.in('tidings_store')} SET earlier_epochs = (earlier_epochs::jsonb || ${earlier})::text,
      epoch = ${quotedText(epoch)}, (${storedIdentity}) = (SELECT ${identityOf(place)}) WHERE ${isRestored(place)}`,
  ]
}

/** Whether an error says that the store that was opened has come to its end: it was restored, or its database was. */
export function isEpochEnded(error: unknown): boolean {
  return sqlStateOf(error) === sqlState.epochEnded || (isTidingsError(error) && 'databaseFound' in error.details)
}

/** Watches that all connections lead to the database that the first one has led to. */
export class SameDatabase {
  #known: string | undefined
  #replaced: TidingsError | undefined

  /** Looks where a new connection leads. Throws `STORE_UNAVAILABLE`, now and for ever, if that is another database than before. */
  async check(connection: PostgresConnection): Promise<void> {
    this.refuseOther()
    const { rows } = await connection.query(`SELECT concat_ws('/', ${databaseIdentity})`)
    const found = String(rows[0]?.[0])
    this.#known ??= found
    if (this.#known !== found) this.#replaced = replaced(this.#known, found)
    this.refuseOther()
  }

  /** Throws if a connection has led to another database. */
  refuseOther(): void {
    if (this.#replaced !== undefined) throw this.#replaced
  }
}

function replaced(known: string, found: string): TidingsError {
  return new TidingsError(
    'STORE_UNAVAILABLE',
    'The database is not the one that this process has opened: it was restored from a backup, or another server has taken over. What this process remembers may be gone.',
    {
      details: { databaseKnown: known, databaseFound: found },
      hint: 'Start the service again: its store then begins a new epoch, and subscribers that have heard events that are gone say so.',
    },
  )
}
