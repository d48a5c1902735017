// Compares what happened in a service with what a test expects. Only what the expectation names is compared.

import {
  type CommandContract,
  type CommandInput,
  type Decider,
  type EffectContract,
  type EffectInput,
  type EventContract,
  type EventInput,
  isTidingsError,
  type LoggedEvent,
  type ProcessDeclaration,
  type RowInput,
  type Service,
  type TableDefinition,
} from 'tidings'
import { metaOf } from 'tidings/contracts'
import { messageOfThrown } from 'tidings/errors'
import { ExpectationFailed, expectSame } from '../expectations/index.ts'
import { isRetracted, type Retracted, retracted } from '../session/event-record.ts'
import { readData } from '../world/read-log.ts'
import {
  completed,
  type ExpectedInstance,
  type ExpectedKeyedTimers,
  expectInstance,
  expectNothingPlanned,
  expectRequested,
  expectTimers,
  type PlainInstance,
} from './expect-schedule.ts'
import { comparableFacts, type ExpectedFact } from './given-fact.ts'
import type { Consequences } from './run-alone.ts'
import type { Rows } from './service-variant.ts'

/** The declarations of a service. */
export type DefinitionOf<S extends Service> = NonNullable<S['~types']>['definition']

/** Rows of some of a service's tables. */
export type RowsOf<T extends Readonly<Record<string, TableDefinition>>> = {
  readonly [Name in keyof T]?: readonly RowInput<T[Name]>[]
}

/** What you can expect of an event besides its data. Only what you name is compared. */
export interface ExpectedDetails {
  readonly key?: string
  readonly occurredAt?: Date
  readonly principal?: string | null
  readonly tenant?: string | null
  readonly correlationId?: string
  readonly entityVersion?: number
}

/** An event that a service is expected to publish. */
export type ExpectedEvent<S extends Service, E extends EventContract> = readonly [
  E,
  E['name'] extends DefinitionOf<S>['publishes']
    ? EventInput<E> | Retracted
    : 'This service does not publish that contract.',
  ExpectedDetails?,
]

/** What a test expects of a service. Only what you name is compared. */
export interface Expectation<
  S extends Service,
  P extends readonly EventContract[],
  C extends readonly CommandContract[],
  D extends readonly Decider[],
  R extends readonly EffectContract[] = readonly [],
  M extends readonly ProcessDeclaration[] = readonly [],
> {
  /** Exactly these events, in this order. */
  readonly published?: { readonly [Index in keyof P]: ExpectedEvent<S, P[Index]> }
  /** Exactly these rows in each table that is named. */
  readonly tables?: RowsOf<DefinitionOf<S>['tables']>
  /** Exactly these rows in each read model that is named. */
  readonly readModels?: RowsOf<DefinitionOf<S>['readModels']>
  /** Exactly these new facts on each stream that is named. */
  readonly facts?: { readonly [Index in keyof D]: readonly [D[Index], string, readonly ExpectedFact<D[Index]>[]] }
  /** Exactly these commands of its own, in this order. */
  readonly executed?: { readonly [Index in keyof C]: readonly [C[Index], CommandInput<C[Index]>] }
  /** Exactly these effects, in this order, performed or not. */
  readonly requested?: { readonly [Index in keyof R]: readonly [R[Index], EffectInput<R[Index]>] }
  /** What is expected of each named timer of the service: `{ reminder: { 'o-1': { after: { days: 3 } } } }`. */
  readonly timers?: ExpectedKeyedTimers<DefinitionOf<S>['timers']>
  /** What is expected of each named instance of a process manager: `[[unanswered, 'q-1', { ended: true }]]`. */
  readonly instances?: { readonly [Index in keyof M]: readonly [M[Index], string, ExpectedInstance<M[Index]>] }
}

/** An expectation without its specific types. */
export interface PlainExpectation {
  readonly published?: readonly (readonly [EventContract, unknown, ExpectedDetails?])[]
  readonly tables?: Rows
  readonly readModels?: Rows
  readonly facts?: readonly (readonly [Decider, string, readonly unknown[]])[]
  readonly executed?: readonly (readonly [CommandContract, unknown])[]
  readonly requested?: readonly (readonly [EffectContract, unknown])[]
  readonly timers?: Parameters<typeof expectTimers>[2]
  readonly instances?: readonly (readonly [ProcessDeclaration, string, PlainInstance])[]
}

/** Throws `ExpectationFailed` for the first part that differs. */
export async function expectConsequences(
  subject: string,
  service: Service,
  expected: PlainExpectation,
  found: Consequences,
): Promise<void> {
  const { published, facts, executed } = expected
  if (published !== undefined) expectPublished(subject, service, published, found.published)
  for (const [name, rows] of Object.entries(expected.tables ?? {})) {
    expectRows(
      `${subject}: the rows of the table ${name} are not as expected.`,
      service.tables[name],
      rows,
      found.after.tables[name],
    )
  }
  for (const [name, rows] of Object.entries(expected.readModels ?? {})) {
    const sentence = `${subject}: the rows of the read model ${name} are not as expected.`
    expectRows(sentence, service.readModels[name], rows, found.after.readModels[name])
  }
  for (const [decider, stream, list] of facts ?? []) {
    const onStream = found.facts.filter((fact) => fact.category === decider.name && fact.stream === stream)
    expectSame(
      `${subject}: the new facts on ${decider.name}/${stream} are not as expected.`,
      comparableFacts(decider, list),
      onStream.map(({ type, data }) => [type, JSON.parse(data)]),
    )
  }
  if (executed !== undefined) {
    expectSame(
      `${subject}: the executed commands are not as expected.`,
      executed.map(([command, input]) => [command.name, completed(command.input, input)]),
      found.executed.map(({ command, input }) => [command, input]),
    )
  }
  if (expected.requested !== undefined) expectRequested(subject, expected.requested, found)
  if (expected.timers !== undefined) expectTimers(subject, service, expected.timers, found)
  for (const [manager, key, instance] of expected.instances ?? [])
    await expectInstance(subject, manager, key, instance, found)
}

function expectPublished(
  subject: string,
  service: Service,
  expected: NonNullable<PlainExpectation['published']>,
  found: readonly LoggedEvent[],
): void {
  const contracts = new Map(service.publishes.map((contract) => [contract.name, contract]))
  expectSame(
    `${subject}: the published events are not as expected.`,
    expected.map(([contract, data, details]) => [
      contract.name,
      isRetracted(data) ? data : completed(contract.chain.latest.schema, data),
      ...(details === undefined ? [] : [details]),
    ]),
    found.map((event, index) => {
      const contract = contracts.get(event.type)
      const details = expected[index]?.[2]
      return [
        event.type,
        event.data === null || contract === undefined ? retracted(event.key) : readData(contract, event),
        ...(details === undefined ? [] : [detailsOf(event, Object.keys(details))]),
      ]
    }),
  )
}

function detailsOf(event: LoggedEvent, names: readonly string[]): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(metaOf(event)).filter(([name]) => names.includes(name)))
}

/** Compares rows in any order. */
export function expectRows(
  sentence: string,
  definition: { readonly chain: TableDefinition['chain']; keyOf(row: unknown): string } | undefined,
  expected: readonly unknown[],
  found: readonly unknown[] | undefined,
): void {
  if (definition === undefined || found === undefined) {
    throw new ExpectationFailed(`${sentence} The service has no table of that name.`, { expected })
  }
  const inOrder = (rows: readonly unknown[]) =>
    rows
      .map((row) => ({ row, key: keyOf(definition, row) }))
      .sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0))
      .map(({ row }) => row)
  const completedRows = expected.map((row) => completed(definition.chain.latest.schema, row))
  expectSame(sentence, inOrder(completedRows), inOrder(found))
}

function keyOf(definition: { keyOf(row: unknown): string }, row: unknown): string {
  try {
    return String(definition.keyOf(row))
  } catch {
    return ''
  }
}

/** An expected error: an error code, a part of the message, or a pattern that the message matches. */
export type ExpectedError = string | RegExp

/** Throws `ExpectationFailed` unless the error is the expected one. */
export function expectError(subject: string, expected: ExpectedError, { error }: Pick<Consequences, 'error'>): void {
  if (error === undefined)
    throw new ExpectationFailed(`${subject} did not fail, but the test expects the error ${expected}.`)
  const message = messageOfThrown(error)
  const code = isTidingsError(error) ? error.code : 'HANDLER_FAILED'
  // If a function has broken a schema of its own service, a test may name what was broken.
  const cause = isTidingsError(error) && isTidingsError(error.cause) ? error.cause.code : undefined
  const fits =
    typeof expected === 'string'
      ? code === expected || cause === expected || message.includes(expected)
      : expected.test(message)
  if (fits) return
  throw new ExpectationFailed(`${subject} failed with ${code} (${message}), but the test expects ${expected}.`, {
    expected,
    found: error,
    cause: error,
  })
}

/** Throws `ExpectationFailed` if there was an error. */
export function expectNoError(subject: string, { error }: Pick<Consequences, 'error'>, how = ''): void {
  if (error === undefined) return
  const message = messageOfThrown(error)
  throw new ExpectationFailed(`${subject} failed: ${message}${how}`, { found: error, cause: error })
}

/** Throws `ExpectationFailed` unless nothing was published or written, and no fact, command, timer, effect or instance changed. */
export function expectNothing(subject: string, found: Consequences): void {
  expectSame(
    `${subject}: events were published.`,
    [],
    found.published.map(({ type, data }) => [type, data]),
  )
  expectSame(`${subject}: rows were written.`, found.before.tables, found.after.tables)
  expectSame(
    `${subject}: facts were appended.`,
    [],
    found.facts.map(({ type, data }) => [type, data]),
  )
  expectSame(`${subject}: commands were executed.`, [], found.executed)
  expectNothingPlanned(subject, found)
}
