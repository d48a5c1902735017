// The broker of Postgres. It keeps no copy of events: it reads each source's event log, which is also the source's committed outbox, from the schema of
// that source in the same database. Invariant: a page and its epoch are of one snapshot; a source without a store gives an empty page.

import { isTidingsError, TidingsError } from 'tidings'
import type { Broker, Clock, EarlierEpoch, EventLogPage, EventLogRequest } from 'tidings/ports'
import { sqlState } from '../database/postgres-errors.ts'
import type { Query } from '../database/postgres-query.ts'
import { placeOf, type StorePlace } from '../database/postgres-schema.ts'
import { readPage } from '../event-log/postgres-event-log.ts'
import { type Head, Heads } from './postgres-heads.ts'
import type { WakeUps } from './postgres-wake-ups.ts'

/** What a broker is opened with. */
export interface BrokerSettings {
  readonly schemaPrefix: string
  readonly query: Query
  readonly wakeUps: WakeUps
  readonly clock: Clock
}

/** Opens the broker. */
export function openBroker({ schemaPrefix, query, wakeUps, clock }: BrokerSettings): Broker {
  const watches = new Set<() => void>()
  const heads = new Heads({
    clock,
    query,
    schemaPrefix,
    watched: () => wakeUps.watched,
    moved: (source) => wakeUps.wake(source),
  })
  let closed = false

  function refuseClosed(): void {
    if (closed) throw new TidingsError('CLOSED', 'The broker was closed.')
  }

  /** Asks a source; `absent` if it has no store. */
  async function ask<T>(source: string, absent: T, run: (place: StorePlace) => Promise<T>): Promise<T> {
    refuseClosed()
    try {
      return await run(placeOf(schemaPrefix, source))
    } catch (error) {
      if (isAbsent(error)) return absent
      throw unavailable(source, error)
    }
  }

  async function read(source: string, request: EventLogRequest): Promise<EventLogPage> {
    const absent = { epoch: undefined, events: [], next: request.after, head: '' }
    return ask(source, absent, async (place) => {
      const head = request.isLook === true ? await heads.of(source) : undefined
      if (head === 'none') return absent
      return (head && pageWithoutNews(head, request)) ?? readPage(query, place, request)
    })
  }

  return {
    capabilities: { relay: false },
    publish: ({ source }) => refuseRelay(source),
    published: (source) => refuseRelay(source),
    read,
    earlierEpochs: (source) =>
      ask<readonly EarlierEpoch[]>(source, [], async (place) => {
        const rows = await query(`SELECT earlier_epochs FROM ${place.in('tidings_store')}`, [])
        return JSON.parse(String(rows[0]?.[0] ?? '[]')) as EarlierEpoch[]
      }),
    watch: (source, wake) => {
      refuseClosed()
      const unwatch = wakeUps.watch(source, () => {
        heads.forget(source)
        wake()
      })
      const stop = () => {
        watches.delete(stop)
        unwatch()
      }
      watches.add(stop)
      return stop
    },
    close: async () => {
      closed = true
      for (const stop of [...watches]) stop()
      await wakeUps.close()
    },
  }
}

/** The page of a reader who has read everything there is; `undefined` if there is more. */
function pageWithoutNews(head: Head, { after, edges = false }: EventLogRequest): EventLogPage | undefined {
  if (after !== head.position) return undefined
  const page = { epoch: head.epoch, events: [], next: after, head: head.position }
  return edges ? { ...page, edges: { after: head.id, next: head.id } } : page
}

function refuseRelay(_source: string): never {
  throw new TidingsError(
    'INVARIANT',
    'Invariant broken: the Postgres broker reads committed outboxes and takes no copies.',
  )
}

const absentStates: readonly unknown[] = [sqlState.undefinedTable, sqlState.undefinedSchema]

function isAbsent(error: unknown): boolean {
  return isTidingsError(error) && absentStates.includes(error.details.sqlState)
}

/** If a publisher cannot be read now, that is a failure of the broker. Other errors keep their codes. */
function unavailable(source: string, error: unknown): unknown {
  if (!isTidingsError(error, 'STORE_UNAVAILABLE')) return error
  const { message, hint, details } = error
  return new TidingsError('BROKER_UNAVAILABLE', `The event log of ${source} cannot be read right now. ${message}`, {
    details: { ...details, source },
    hint,
    cause: error,
  })
}
