// Runs one service alone on the real runtime and the in-memory driver: fills it with what is given, then runs the steps of a test.

import {
  type CommandContract,
  type EffectContract,
  type EventContract,
  type EventRecord,
  type LoggedEvent,
  type QueryContract,
  type Service,
  TidingsError,
} from 'tidings'
import { describeThrown } from 'tidings/errors'
import { memoryDriver } from 'tidings/memory'
import {
  type InstanceValue,
  instanceStates,
  instanceValue,
  type RequestValue,
  requestValues,
  type TimerValue,
  timerValues,
} from 'tidings/operations'
import type { Lookups, StoredFact } from 'tidings/ports'
import type { AnswerQueryOptions, CommandResult, HandleCommandOptions } from 'tidings/runtime'
import { createSession } from '../session/create-session.ts'
import { makeRecord, type OldEventDetails } from '../session/event-record.ts'
import type { Session } from '../session/session.ts'
import type { GivenEffect } from '../session/stand-in-effects.ts'
import { readWholeFacts, readWholeLog } from '../world/read-log.ts'
import type { SimulatedEngine } from '../world/simulated-engine.ts'
import {
  type GivenStream,
  type HandlerRun,
  type Holdings,
  hearing,
  type Rows,
  readRowsName,
  requestEffect,
  silent,
  type Watched,
  watched,
  withHiddenCommands,
  writeRows,
} from './service-variant.ts'

/** An event that is given. */
export interface PlainEvent {
  readonly contract: EventContract
  readonly data: unknown
  readonly details: Partial<OldEventDetails>
}

/** What a service has before the step that is tested. */
export interface Circumstances {
  readonly service: Service
  readonly at: Date | undefined
  readonly engine: SimulatedEngine | undefined
  readonly rows: Rows
  readonly events: readonly PlainEvent[]
  readonly streams: readonly GivenStream[]
  readonly lookups: Lookups
  readonly effects: readonly GivenEffect<EffectContract>[]
}

/** What happens to the service. */
export type Happening =
  | {
      readonly kind: 'event'
      readonly event: PlainEvent
      readonly only: HandlerRun | undefined
    }
  | {
      readonly kind: 'command'
      readonly command: CommandContract
      readonly input: unknown
      readonly options: HandleCommandOptions
    }
  | {
      readonly kind: 'query'
      readonly query: QueryContract
      readonly input: unknown
      readonly options: AnswerQueryOptions
    }
  | { readonly kind: 'effect'; readonly effect: EffectContract; readonly input: unknown }
  | { readonly kind: 'time'; readonly ms: number }

/** The consequences of a step. */
export interface Consequences {
  readonly before: Holdings
  readonly after: Holdings
  readonly published: readonly LoggedEvent[]
  readonly facts: readonly StoredFact[]
  readonly executed: Watched['executed']
  /** Effects that were requested, performed or not. */
  readonly requested: readonly Pick<RequestValue, 'effect' | 'input'>[]
  readonly timers: { readonly before: readonly TimerValue[]; readonly after: readonly TimerValue[] }
  /** Timers that came due (see `timerName`). */
  readonly fired: ReadonlySet<string>
  /** Instances of process managers that started or ended: `<process>/<key>` and their state now. */
  readonly moved: readonly (readonly [instance: string, state: string])[]
  /** The current value of an instance. */
  instance(process: string, key: string): Promise<InstanceValue | undefined>
  /** The answer of a command or query. */
  readonly answer: unknown
  /** The error, if there was one. */
  readonly error: unknown
}

/** A step of a test: something that happens, and the check of its consequences. */
export interface TestStep {
  readonly happening: Happening
  check(found: Consequences): void | Promise<void>
}

/** Runs steps on a service, one after the other; errors of its own functions are among the consequences. */
export async function runSteps(given: Circumstances, steps: readonly TestStep[]): Promise<void> {
  const session = await openSession({ ...given, at: given.at ?? firstOccurrence(given, steps) })
  try {
    for (const { contract, data, details } of given.events)
      await session.publish(contract, data, details as OldEventDetails)
    await fill(session, given)
    const performs = new Set(given.effects.map(([{ name }]) => name))
    const alone = watched(withHiddenCommands(hearing(given.service, performs)))
    await session.start(alone.service)
    await session.settled()
    for (const { happening, check } of steps)
      await check(await runStep(session, given.service, alone.watched, happening))
  } finally {
    await session.close()
  }
}

/** Opens a session for one service alone, without interleaving, at the given time. */
export function openSession({
  at,
  engine,
  lookups,
  effects,
}: Pick<Circumstances, 'at' | 'engine' | 'lookups' | 'effects'>): Promise<Session> {
  return createSession<readonly EffectContract[]>({
    services: [],
    ...(engine === undefined ? { driver: memoryDriver({ relay: false }) } : { engine }),
    seed: 1,
    interleaved: false,
    lookups,
    effects,
    ...(at === undefined ? {} : { start: at }),
  })
}

// The clock begins with what occurred first, so that durations and the time that passes count from the same moment.
function firstOccurrence({ events }: Circumstances, steps: readonly TestStep[]): Date | undefined {
  const moments = [
    ...events.map(({ details }) => details.occurredAt),
    ...steps.map(({ happening }) => occurrenceOf(happening)),
  ].filter((moment) => moment !== undefined)
  return moments.length === 0 ? undefined : new Date(Math.min(...moments.map(Number)))
}

function occurrenceOf(happening: Happening): Date | undefined {
  if (happening.kind === 'event') return happening.event.details.occurredAt
  return happening.kind === 'command' ? happening.options.occurredAt : undefined
}

/** Fills a service with rows and facts, and stops it again. */
async function fill(session: Session, { service, rows, streams }: Circumstances): Promise<void> {
  await session.start(withHiddenCommands(silent(service)))
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
    const expectedVersion = await session.drive(Promise.resolve(runtime.store.streamVersion(decider.name, stream)))
    await session.drive(runtime.append(decider, stream, facts, { expectedVersion }))
  }
}

/** The rows of a running service. */
export function holdingsOf(session: Session, service: Service): Promise<Holdings> {
  return session.drive(session.runtime(service).query(readRowsName, {})) as Promise<Holdings>
}

async function runStep(session: Session, service: Service, seen: Watched, happening: Happening): Promise<Consequences> {
  const runtime = session.runtime(service)
  const { store } = runtime
  const statesBefore = await session.drive(instanceStates(runtime))
  const requestsBefore = new Set((await requestsOf(session, service)).map(({ idempotencyKey }) => idempotencyKey))
  const before = await holdingsOf(session, service)
  const timersBefore = await session.drive(timerValues(runtime))
  const eventsBefore = (await session.drive(readWholeLog((request) => store.readEventLog(request)))).length
  const factsHead = (await session.drive(Promise.resolve(store.readFacts({ after: '', limit: 1 })))).head
  seen.only = happening.kind === 'event' ? happening.only : undefined
  for (const list of [seen.handled, seen.executed, seen.errors]) list.splice(0)
  seen.fired.clear()
  const { answer, error } = await happen(session, service, seen, happening)
  const sentByTest = happening.kind === 'command' || happening.kind === 'effect' ? 1 : 0
  const given = happening.kind === 'event' && happening.event.contract.owner === service.name ? 1 : 0
  const log = await session.drive(readWholeLog((request) => store.readEventLog(request)))
  const requests = (await requestsOf(session, service)).filter(
    ({ idempotencyKey }) => !requestsBefore.has(idempotencyKey),
  )
  const states = await session.drive(instanceStates(runtime))
  return {
    before,
    after: await holdingsOf(session, service),
    published: log.slice(eventsBefore + given),
    facts: await session.drive(readWholeFacts((request) => store.readFacts(request), factsHead)),
    executed: seen.executed.slice(sentByTest),
    requested: requests.slice(happening.kind === 'effect' ? 1 : 0),
    timers: { before: timersBefore, after: await session.drive(timerValues(runtime)) },
    fired: new Set(seen.fired),
    moved: [...states].filter(([instance, state]) => statesBefore.get(instance) !== state),
    instance: (process, key) => session.drive(instanceValue(runtime, process, key)),
    answer,
    error,
  }
}

/** Effects that a service requested, performed or not, in the order of the requests. Their ids have that order. */
async function requestsOf(
  session: Session,
  service: Service,
): Promise<readonly Pick<RequestValue, 'effect' | 'idempotencyKey' | 'input'>[]> {
  const performed = service.effects.flatMap(({ effect }) =>
    session.performed(effect).map(({ idempotencyKey, input }) => ({ effect: effect.name, idempotencyKey, input })),
  )
  const known = new Set(performed.map(({ idempotencyKey }) => idempotencyKey))
  const waiting = await session.drive(requestValues(session.runtime(service)))
  return [...performed, ...waiting.filter(({ idempotencyKey }) => !known.has(idempotencyKey))].sort((a, b) =>
    a.idempotencyKey < b.idempotencyKey ? -1 : 1,
  )
}

async function happen(
  session: Session,
  service: Service,
  seen: Watched,
  happening: Happening,
): Promise<{ readonly answer?: unknown; readonly error?: unknown }> {
  const deferred = () => session.deferred({ service: service.name })
  const before = new Set(deferred().map(({ id }) => id))
  // A handler that takes long may still end well.
  const firstDeferred = () => deferred().find(({ id, state }) => !before.has(id) && state !== 'running')
  let answer: CommandResult | undefined
  // What occurs later happens later: timers that are due before come due before.
  const untilMs = Number(occurrenceOf(happening) ?? 0) - session.now().getTime()
  if (untilMs > 0) await session.advance({ milliseconds: untilMs })
  try {
    if (happening.kind === 'query') {
      const { query, input, options } = happening
      return { answer: await session.drive(session.runtime(service).query(query.name, input, options)) }
    }
    if (happening.kind === 'command') {
      const { command, input, options } = happening
      answer = await session.drive(session.runtime(service).command(command.name, input, options))
    } else if (happening.kind === 'effect') {
      const { effect, input } = happening
      await session.drive(session.runtime(service).command(requestEffect.name, { name: effect.name, input }))
    } else if (happening.kind === 'time') await session.advance({ milliseconds: happening.ms })
    else await publish(session, service, happening.event)
  } catch (error) {
    // Whatever was thrown is an error, even `undefined`.
    return { error: error ?? new TidingsError('HANDLER_FAILED', describeThrown(error).message) }
  }
  await session.settled({ or: () => firstDeferred() !== undefined })
  const first = firstDeferred()
  if (first !== undefined) {
    const {
      code = 'HANDLER_FAILED',
      message = `${first.type} waits behind an event of ${first.key} that failed before`,
    } = first.error ?? {}
    return { error: seen.errors.at(-1) ?? new TidingsError(code as 'HANDLER_FAILED', message) }
  }
  if (happening.kind !== 'event') return { answer }
  if (seen.handled.length > 0) return {}
  const { name } = happening.event.contract
  throw new TidingsError('NOT_DECLARED', `Service ${service.name} has no handler for this event: ${name}.`, {
    details: {
      handlers: service.handlers.map((handler) => `${handler.name} on ${handler.event.name} (${handler.when})`),
    },
  })
}

/** Publishes an event of another owner, or one of the service itself. */
export async function publish(
  session: Session,
  service: Service,
  { contract, data, details }: PlainEvent,
): Promise<void> {
  if (contract.owner !== service.name) {
    await session.publish(contract, data, details as OldEventDetails)
    return
  }
  // An event of the service itself goes into its own event log.
  const runtime = session.runtime(service)
  const { ids, clock } = runtime.environment
  const maker = { newId: () => ids.next(), nowMs: () => clock.now(), nextEntityVersion: () => 1 }
  const record: EventRecord = makeRecord(maker, contract, data, details)
  await session.drive(runtime.importEvents([record]))
}
