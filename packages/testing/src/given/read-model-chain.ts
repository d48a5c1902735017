// given(service, readModel) …: a projection or a replica alone, filled from history. Its rows are compared twice, the second time after a rebuild:
// if a projection depends on more than its history, the test fails (P7).

import type { DecidedFact, Decider, EventContract, EventInput, Service } from 'tidings'
import { TidingsError } from 'tidings'
import { type GivenEvent, isRetracted, type OldEventDetails } from '../session/event-record.ts'
import { type Arrival, arrivalOrders, orderText } from './arrival-orders.ts'
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
import { appendStreams, holdingsOf, openSession, type PlainEvent, publish } from './run-alone.ts'
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
  /**
   * The rows must be the same in every order in which the events and facts can arrive: those of one owner with one key keep their order, and
   * nothing else has one. Plays all orders if there are at most 24; of more, the seed (`TIDINGS_SEED`) chooses 24. A failure shows its order.
   */
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
      const arrivals = arrivalsOf(history)
      for (const order of history.anyOrder ? arrivalOrders(arrivals) : [arrivals]) {
        const found = await runHistory(history, order)
        const how = history.anyOrder ? `\n\nThe order of arrival:${orderText(order)}` : ''
        expectNoError(subject, found, how)
        const expectHoldings = (what: string, holdings: Holdings | undefined) =>
          expectAll({ sentence: `${subject} has other rows than expected${what}`, how }, service, expected, holdings)
        expectHoldings('', found.rows)
        expectHoldings(' after a rebuild', found.rebuilt)
      }
    },
    thenFails: async (error) => expectError(subject, error, await runHistory(history, arrivalsOf(history))),
  }
}

function expectAll(
  { sentence, how }: { readonly sentence: string; readonly how: string },
  service: Service,
  expected: object,
  found: Holdings | undefined,
): void {
  for (const [name, rows] of Object.entries(expected) as [string, readonly unknown[]][]) {
    const definition = service.readModels[name] ?? service.replicas[name]?.of
    expectRows(`${sentence}: ${name}.${how}`, definition, rows, found?.readModels[name] ?? found?.replicas[name])
  }
}

interface ReadModelRun {
  readonly error: unknown
  readonly rows: Holdings | undefined
  readonly rebuilt: Holdings | undefined
}

function arrivalsOf({ events, streams }: History): readonly Arrival[] {
  return [
    ...withVersions(events).map((event): Arrival => ({ kind: 'event', event })),
    ...streams.map((stream): Arrival => ({ kind: 'facts', stream })),
  ]
}

async function runHistory({ service, readModel }: History, order: readonly Arrival[]): Promise<ReadModelRun> {
  const alone = watched(withHiddenCommands(keepingOnly(service, readModel)))
  const lookups = { ask: () => Promise.reject(noLookups()) }
  const session = await openSession({ at: undefined, engine: undefined, effects: [], lookups })
  const deferred = () => session.deferred({ service: service.name })
  try {
    await session.start(alone.service)
    for (const [index, arrival] of order.entries()) {
      if (arrival.kind === 'facts') await appendStreams(session, service, [arrival.stream])
      else await publish(session, service, arrival.event)
      // What comes from another source has not arrived before what came before it is handled.
      const next = order[index + 1]
      if (next !== undefined && sourceOf(next) !== sourceOf(arrival))
        await session.settled({ or: () => deferred().length > 0 })
    }
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

function sourceOf(arrival: Arrival): string {
  return arrival.kind === 'facts' ? '~facts' : arrival.event.contract.owner
}
