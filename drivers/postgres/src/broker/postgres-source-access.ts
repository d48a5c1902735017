// How the event log of a source is read: from its tables, or, if each service has a role of its own, through the function that the source's owner has
// granted to the subscription. Invariant: with roles, nothing of another service is read in any other way.

import { isTidingsError, TidingsError } from 'tidings'
import type { EarlierEpoch, EventLogPage, EventLogRequest, SourceReader } from 'tidings/ports'
import { sqlState } from '../database/postgres-errors.ts'
import type { Query } from '../database/postgres-query.ts'
import { placeOf, type StorePlace } from '../database/postgres-schema.ts'
import { pageOf, readPage } from '../event-log/postgres-event-log.ts'
import { endThroughFunction, pageThroughFunction, readFunctionName } from '../rights/postgres-read-functions.ts'

/** Reads the event logs that one reader may read. */
export interface SourceAccess {
  page(source: string, request: EventLogRequest): Promise<EventLogPage>
  earlierEpochs(source: string): Promise<readonly EarlierEpoch[]>
  /** A statement that gives one row: epoch, position, and the id there. */
  endOf(source: string): string
}

/** Access to the tables of all sources. */
export function directAccess(schemaPrefix: string, query: Query): SourceAccess {
  const place = (source: string) => placeOf(schemaPrefix, source)
  return {
    page: (source, request) => readPage(query, place(source), request),
    earlierEpochs: async (source) =>
      epochsOf((await query(`SELECT earlier_epochs FROM ${place(source).in('tidings_store')}`, []))[0]?.[0]),
    endOf: (source) => `SELECT s.epoch, e.position, e.id FROM ${place(source).in('tidings_store')} s
      LEFT JOIN (SELECT position, id FROM ${place(source).in('tidings_events')} ORDER BY position DESC LIMIT 1) e ON true`,
  }
}

/** Access through the functions of a subscription. */
export function grantedAccess(schemaPrefix: string, query: Query, by: SourceReader): SourceAccess {
  const place = (source: string) => placeOf(schemaPrefix, source)
  const ask = async (source: string, text: string, values: readonly unknown[]) =>
    query(text, values).catch((error: unknown) => {
      throw missingGrant(error, place(source), by)
    })
  return {
    page: async (source, request) => {
      const { after, limit, types = null, slots } = request
      const values = [Number(after), limit, types, slots?.from ?? null, slots === undefined ? null : slots.to - 1]
      return pageOf(await ask(source, pageThroughFunction(place(source), by), values), source, request)
    },
    earlierEpochs: async (source) => epochsOf((await ask(source, endThroughFunction(place(source), by), []))[0]?.[3]),
    endOf: (source) => `SELECT f.epoch, f.head, f.after_id FROM (${endThroughFunction(place(source), by)}) f`,
  }
}

function epochsOf(text: unknown): readonly EarlierEpoch[] {
  return JSON.parse(String(text ?? '[]')) as EarlierEpoch[]
}

const refusals: readonly unknown[] = [sqlState.noPrivilege, sqlState.undefinedFunction, sqlState.undefinedSchema]

function missingGrant(error: unknown, source: StorePlace, by: SourceReader): unknown {
  if (!isTidingsError(error) || !refusals.includes(error.details.sqlState)) return error
  return new TidingsError(
    'BROKER_UNAVAILABLE',
    `The role of ${by.service} may not read the event log of ${source.service} for ${by.subscriber}: EXECUTE on function ${source.in(readFunctionName(by))} is missing.`,
    {
      details: { source: source.service, ...by, sqlState: error.details.sqlState },
      hint: 'Print the grants with `npx tidings engines postgres-sql`, and have them run by a role that may create roles.',
      cause: error,
    },
  )
}
