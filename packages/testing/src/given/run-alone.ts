// Running one service alone on the real runtime, over the in-memory driver: filled with what is given, then confronted with one thing.

import {
  type CommandContract,
  type EventContract,
  type EventRecord,
  type LoggedEvent,
  type QueryContract,
  type Service,
  TidingsError,
} from 'tidings'
import { memoryDriver } from 'tidings/memory'
import type { Lookups, StoredFact } from 'tidings/ports'
import type { CommandOptions, CommandResult, QueryOptions } from 'tidings/runtime'
import { createSession } from '../session/create-session.ts'
import { makeRecord, type OldEventDetails } from '../session/event-record.ts'
import { readWholeLog } from '../session/read-log.ts'
import type { Session } from '../session/session.ts'
import {
  type GivenStream,
  type Holdings,
  hearing,
  type Rows,
  readRowsName,
  silent,
  type Watched,
  watched,
  withHiddenDoors,
  writeRows,
} from './service-variant.ts'

/** An event that is given. */
export interface PlainEvent {
  readonly contract: EventContract
  readonly data: unknown
  readonly details: Partial<OldEventDetails>
}

/** What a service has before the test's subject happens. */
export interface Circumstances {
  readonly service: Service
  readonly at: Date | undefined
  readonly rows: Rows
  readonly events: readonly PlainEvent[]
  readonly streams: readonly GivenStream[]
  readonly lookups: Lookups
}

/** What happens to the service. */
export type Happening =
  | {
      readonly kind: 'event'
      readonly event: PlainEvent
      readonly only: Service['handlers'][number]['run'] | undefined
    }
  | {
      readonly kind: 'command'
      readonly command: CommandContract
      readonly input: unknown
      readonly options: CommandOptions
    }
  | { readonly kind: 'query'; readonly query: QueryContract; readonly input: unknown; readonly options: QueryOptions }

/** What came of it. */
export interface Consequences {
  readonly before: Holdings
  readonly after: Holdings
  readonly published: readonly LoggedEvent[]
  readonly facts: readonly StoredFact[]
  readonly executed: Watched['executed']
  /** What a command came to, or a query answered. */
  readonly answer: unknown
  /** What was thrown, where something was. */
  readonly error: unknown
}

/** Confronts a service with one thing; what its own functions throw is among the consequences. */
export async function runAlone(given: Circumstances, happening: Happening): Promise<Consequences> {
  const session = await openSession(given)
  try {
    for (const { contract, data, details } of given.events)
      await session.publish(contract, data, details as OldEventDetails)
    await fill(session, given)
    const only = happening.kind === 'event' ? happening.only : undefined
    const alone = watched(withHiddenDoors(hearing(given.service, only)))
    await session.start(alone.service)
    await session.settled()
    return await confront(session, given.service, alone.watched, happening)
  } finally {
    await session.close()
  }
}

/** Opens a session for one service alone: one order of things, and time that stands where the test says. */
export function openSession({ at, lookups }: Pick<Circumstances, 'at' | 'lookups'>): Promise<Session> {
  return createSession({
    services: [],
    driver: memoryDriver({ relay: false }),
    seed: 1,
    interleaved: false,
    lookups,
    ...(at === undefined ? {} : { start: at }),
  })
}

/** Fills a service with rows and facts, and stops it again. */
async function fill(session: Session, { service, rows, streams }: Circumstances): Promise<void> {
  await session.start(withHiddenDoors(silent(service)))
  await session.command(service, writeRows, rows)
  await appendStreams(session, service, streams)
  await session.settled()
  await session.stop(service)
}

/** Appends given facts to the streams of a running service. */
export async function appendStreams(
  session: Session,
  service: Service,
  streams: readonly GivenStream[],
): Promise<void> {
  for (const { decider, stream, facts } of streams) {
    const runtime = session.runtime(service)
    const expectedVersion = await session.drive(Promise.resolve(runtime.core.store.streamVersion(decider.name, stream)))
    await session.drive(runtime.append(decider, stream, facts, { expectedVersion }))
  }
}

/** What a running service holds. */
export function holdingsOf(session: Session, service: Service): Promise<Holdings> {
  return session.drive(session.runtime(service).query(readRowsName, {})) as Promise<Holdings>
}

async function confront(
  session: Session,
  service: Service,
  seen: Watched,
  happening: Happening,
): Promise<Consequences> {
  const { store } = session.runtime(service).core
  const before = await holdingsOf(session, service)
  const eventsBefore = (await session.drive(readWholeLog((request) => store.readLog(request)))).length
  const factsHead = (await session.drive(Promise.resolve(store.readFacts({ after: '', limit: 1 })))).head
  const { answer, error } = await happen(session, service, seen, happening)
  const given = happening.kind === 'event' && happening.event.contract.owner === service.name ? 1 : 0
  const log = await session.drive(readWholeLog((request) => store.readLog(request)))
  return {
    before,
    after: await holdingsOf(session, service),
    published: log.slice(eventsBefore + given),
    facts: (await session.drive(Promise.resolve(store.readFacts({ after: factsHead, limit: 10_000 })))).facts,
    executed: happening.kind === 'command' ? seen.executed.slice(1) : seen.executed,
    answer,
    error,
  }
}

async function happen(
  session: Session,
  service: Service,
  seen: Watched,
  happening: Happening,
): Promise<{ readonly answer?: unknown; readonly error?: unknown }> {
  try {
    if (happening.kind === 'command') {
      const { command, input, options } = happening
      const answer: CommandResult = await session.drive(session.runtime(service).command(command.name, input, options))
      await session.settled()
      return { answer }
    }
    if (happening.kind === 'query') {
      const { query, input, options } = happening
      return { answer: await session.drive(session.runtime(service).query(query.name, input, options)) }
    }
    await publish(session, service, happening.event)
  } catch (error) {
    return { error }
  }
  const held = () => session.held({ service: service.name })
  await session.settled({ or: () => held().length > 0 })
  const [first] = held()
  if (first !== undefined) {
    const { code = 'HANDLER_FAILED', message = 'it is held' } = first.error ?? {}
    return { error: seen.errors.at(-1) ?? new TidingsError(code as 'HANDLER_FAILED', message) }
  }
  if (seen.handled.length > 0) return {}
  const { name } = happening.event.contract
  throw new TidingsError('NOT_DECLARED', `Service ${service.name} has no handler for this: ${name} reached none.`, {
    details: {
      handlers: service.handlers.map((handler) => `${handler.name} on ${handler.event.name} (${handler.when})`),
    },
  })
}

async function publish(session: Session, service: Service, { contract, data, details }: PlainEvent): Promise<void> {
  if (contract.owner !== service.name) {
    await session.publish(contract, data, details as OldEventDetails)
    return
  }
  // An event that the service hears of itself goes into its own log.
  const { core } = session.runtime(service)
  const { ids, clock } = core.host
  const maker = { newId: () => ids.next(), nowMs: () => clock.now(), nextEntityVersion: () => 1 }
  const record: EventRecord = makeRecord(maker, contract, data, details)
  await session.drive(core.commitThroughGate({ checks: [], rows: [], appends: [], events: [record] }))
}
