// given(service, readModel) …: a projection or a replica alone, filled from history. Its rows are compared twice, the second time after a rebuild:
// if a projection depends on more than its history, the test fails (P7).

import type { DecidedFact, Decider, EventContract, EventInput, Service } from 'tidings'
import { TidingsError } from 'tidings'
import { createSeededRandom } from 'tidings/memory'
import type { GivenEvent, OldEventDetails } from '../session/event-record.ts'
import { isRetracted } from '../session/event-record.ts'
import {
  type DefinitionOf,
  type ExpectedError,
  expectError,
  expectNoError,
  expectRows,
  type RowsOf,
} from './expect-consequences.ts'
import { type GivenFact, importedFact } from './given-fact.ts'
import { type AwaitHook, refuseAwait } from './refuse-await.ts'
import { appendStreams, holdingsOf, openSession, type PlainEvent } from './run-alone.ts'
import { type GivenStream, type Holdings, keepingOnly, watched, withHiddenCommands } from './service-variant.ts'

/** Rows of the read models and replicas of a service. */
export type ReadModelRows<S extends Service> = RowsOf<DefinitionOf<S>['readModels']> & {
  readonly [Name in keyof DefinitionOf<S>['replicas']]?: readonly EventInput<DefinitionOf<S>['replicas'][Name]['of']>[]
}

/** A read model and its history; each method returns a new chain. */
export interface ReadModelGiven<S extends Service> {
  /** Events, in the order of their arrival. */
  events<const E extends readonly EventContract[]>(
    events: {
      readonly [Index in keyof E]: GivenEvent<E[Index]>
    },
  ): ReadModelGiven<S>
  /** Facts of one of the service's own streams. */
  facts<D extends Decider>(decider: D, stream: string, facts: readonly GivenFact<D>[]): ReadModelGiven<S>
  /** The rows must be the same for any order of arrival of the events (all orders of up to four events, 24 orders of more). */
  inAnyOrder(): ReadModelGiven<S>
  /** Expects exactly these rows in each table that is named, before and after a rebuild. */
  then(rows: ReadModelRows<S>): Promise<void>
  /** Expects an error: its code, a part of its message, or a pattern that the message matches. */
  thenFails(error: ExpectedError): Promise<void>
}

interface History {
  readonly service: Service
  readonly readModel: string
  readonly events: readonly PlainEvent[]
  readonly streams: readonly GivenStream[]
  readonly anyOrder: boolean
}

/** Starts the chain for a read model; throws `UNKNOWN_READ_MODEL`. */
export function givenReadModel<S extends Service>(service: S, readModel: string): ReadModelGiven<S> {
  const names = [...service.projections.map(({ name }) => name), ...Object.keys(service.replicas)]
  if (!names.includes(readModel)) {
    throw new TidingsError(
      'UNKNOWN_READ_MODEL',
      `Service ${service.name} has no projection or replica ${JSON.stringify(readModel)}.`,
      { details: { readModels: names } },
    )
  }
  return chain({ service, readModel, events: [], streams: [], anyOrder: false })
}

function chain<S extends Service>(history: History): ReadModelGiven<S> {
  const { service, readModel } = history
  const subject = `${readModel} of ${service.name}`
  return {
    events: (given) => {
      const list = given as readonly (readonly [EventContract, unknown, Partial<OldEventDetails>?])[]
      const events = list.map(([contract, data, details = {}]) => ({ contract, data, details }))
      return chain({ ...history, events: [...history.events, ...events] })
    },
    facts: (decider, stream, facts) => {
      const decided = facts.map((fact) => importedFact(decider, fact as DecidedFact))
      return chain({ ...history, streams: [...history.streams, { decider, stream, facts: decided }] })
    },
    inAnyOrder: () => chain({ ...history, anyOrder: true }),
    // biome-ignore lint/suspicious/noThenProperty: given, when, then; refuseAwait answers an `await` with a sentence
    then: async (expected: ReadModelRows<S> | AwaitHook, onRejected?: AwaitHook) => {
      if (refuseAwait(expected, onRejected)) return
      for (const events of orders(withVersions(history.events), history.anyOrder)) {
        const found = await runHistory({ ...history, events })
        expectNoError(subject, found)
        const how = history.anyOrder
          ? ` (in the order ${events.map(({ data }) => JSON.stringify(data)).join(', ')})`
          : ''
        expectAll(`${subject} has other rows than expected${how}`, service, expected, found.rows)
        expectAll(`${subject} has other rows than expected after a rebuild${how}`, service, expected, found.rebuilt)
      }
    },
    thenFails: async (error) => expectError(subject, error, await runHistory(history)),
  }
}

function expectAll(sentence: string, service: Service, expected: object, found: Holdings | undefined): void {
  for (const [name, rows] of Object.entries(expected) as [string, readonly unknown[]][]) {
    const definition = service.readModels[name] ?? service.replicas[name]?.of
    expectRows(`${sentence}: ${name}.`, definition, rows, found?.readModels[name] ?? found?.replicas[name])
  }
}

interface ReadModelRun {
  readonly error: unknown
  readonly rows: Holdings | undefined
  readonly rebuilt: Holdings | undefined
}

async function runHistory({ service, readModel, events, streams }: History): Promise<ReadModelRun> {
  const alone = watched(withHiddenCommands(keepingOnly(service, readModel)))
  const session = await openSession({ at: undefined, effects: [], lookups: { ask: () => Promise.reject(noLookups()) } })
  try {
    for (const { contract, data, details } of events) {
      if (contract.owner !== service.name) await session.publish(contract, data, details as OldEventDetails)
    }
    await session.start(alone.service)
    await appendStreams(session, service, streams)
    const deferred = () => session.deferred({ service: service.name })
    await session.settled({ or: () => deferred().length > 0 })
    const [first] = deferred()
    if (first !== undefined) {
      const error =
        alone.watched.errors.at(-1) ??
        new TidingsError('HANDLER_FAILED', first.error?.message ?? 'the event is deferred')
      return { error, rows: undefined, rebuilt: undefined }
    }
    const rows = await holdingsOf(session, service)
    await session.rebuild(service, readModel)
    return { error: undefined, rows, rebuilt: await holdingsOf(session, service) }
  } catch (error) {
    return { error, rows: undefined, rebuilt: undefined }
  } finally {
    await session.close()
  }
}

const noLookups = () => new TidingsError('LOOKUP_UNAVAILABLE', 'A read model makes no lookups.')

// An entity's version follows from the order of the list, whatever the order of arrival.
function withVersions(events: readonly PlainEvent[]): readonly PlainEvent[] {
  const counts = new Map<string, number>()
  return events.map((event) => {
    const { contract, data, details } = event
    if (contract.pattern !== 'state-transfer' || details.version !== undefined) return event
    const id = `${contract.name}/${isRetracted(data) ? data.key : contract.keyOf(data)}`
    const entityVersion = details.entityVersion ?? (counts.get(id) ?? 0) + 1
    counts.set(id, entityVersion)
    return { ...event, details: { ...details, entityVersion } }
  })
}

const ordersMax = 24

function orders<T>(items: readonly T[], any: boolean): readonly (readonly T[])[] {
  if (!any) return [items]
  if (items.length <= 4) return permutations(items)
  const random = createSeededRandom(items.length)
  return Array.from({ length: ordersMax }, () =>
    items
      .map((item) => ({ item, at: random.next() }))
      .sort((a, b) => a.at - b.at)
      .map(({ item }) => item),
  )
}

function permutations<T>(items: readonly T[]): readonly (readonly T[])[] {
  if (items.length <= 1) return [items]
  return items.flatMap((item, index) =>
    permutations(items.filter((_other, other) => other !== index)).map((rest) => [item, ...rest]),
  )
}
