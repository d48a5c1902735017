// The broker of Postgres. It keeps no copy of events: it reads each source's event log, which is also the source's committed outbox, from the schema of
// that source in the same database. Invariant: a page and its epoch are of one snapshot; a source without a store gives an empty page.

import { isTidingsError, TidingsError } from 'tidings'
import type { Broker, Clock, EarlierEpoch, EventLogPage, EventLogRequest, SourceReader } from 'tidings/ports'
import { sqlState } from '../database/postgres-errors.ts'
import type { Query } from '../database/postgres-query.ts'
import { type Head, Heads } from './postgres-heads.ts'
import { directAccess, grantedAccess, type SourceAccess } from './postgres-source-access.ts'
import type { WakeUps } from './postgres-wake-ups.ts'

/** What a broker is opened with. */
export interface BrokerSettings {
  readonly schemaPrefix: string
  /** Asks the database as the role of a service. */
  readonly queryAs: (service: string) => Query
  /** Whether each service has a role of its own, which may not read the tables of others. */
  readonly hasRoles: boolean
  readonly wakeUps: WakeUps
  readonly clock: Clock
}

/** What one reader may read, and what is known of where it ends. */
interface Reader {
  readonly access: SourceAccess
  readonly heads: Heads
}

/** Opens the broker. */
export function openBroker({ schemaPrefix, queryAs, hasRoles, wakeUps, clock }: BrokerSettings): Broker {
  const readers = new Map<string, Reader>()
  let closed = false

  function refuseClosed(): void {
    if (closed) throw new TidingsError('CLOSED', 'The broker was closed.')
  }

  // With roles, each subscription has its own function, and so its own statement.
  function readerOf(source: string, by: SourceReader | undefined): Reader {
    const isGranted = hasRoles && by !== undefined && by.service !== source
    const id = isGranted ? `${by.service}/${by.subscriber}` : hasRoles ? source : ''
    const known = readers.get(id)
    if (known !== undefined) return known
    const query = queryAs(isGranted ? by.service : source)
    const access = isGranted ? grantedAccess(schemaPrefix, query, by) : directAccess(schemaPrefix, query)
    const moved = (name: string) => wakeUps.wake(name)
    const reader = { access, heads: new Heads({ clock, query, endOf: access.endOf, moved }) }
    readers.set(id, reader)
    return reader
  }

  /** Asks a source; `absent` if it has no store. */
  async function ask<T>(source: string, absent: T, run: () => Promise<T>): Promise<T> {
    refuseClosed()
    try {
      return await run()
    } catch (error) {
      if (isAbsent(error)) return absent
      throw unavailable(source, error)
    }
  }

  async function read(source: string, request: EventLogRequest, by?: SourceReader): Promise<EventLogPage> {
    const absent: EventLogPage = { epoch: undefined, events: [], next: request.after, head: '' }
    return ask(source, absent, async () => {
      const { access, heads } = readerOf(source, by)
      const head = request.isLook === true ? await heads.of(source) : undefined
      const known = head && pageWithoutNews(head, request)
      if (known !== undefined) return known
      const page = await access.page(source, request)
      if (page.epoch !== undefined) heads.exists(source)
      return page
    })
  }

  return {
    capabilities: { relay: false },
    publish: refuseRelay,
    published: refuseRelay,
    read,
    earlierEpochs: (source, by) =>
      ask<readonly EarlierEpoch[]>(source, [], () => readerOf(source, by).access.earlierEpochs(source)),
    watch: (source, wake) => {
      refuseClosed()
      return wakeUps.watch(source, () => {
        for (const { heads } of readers.values()) heads.forget(source)
        wake()
      })
    },
    close: async () => {
      closed = true
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

function refuseRelay(): never {
  throw new TidingsError(
    'INVARIANT',
    'Invariant broken: the Postgres broker reads committed outboxes and takes no copies.',
  )
}

const absentStates: readonly unknown[] = [sqlState.undefinedTable, sqlState.undefinedSchema]

function isAbsent(error: unknown): boolean {
  return isTidingsError(error) && error.code !== 'BROKER_UNAVAILABLE' && absentStates.includes(error.details.sqlState)
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
