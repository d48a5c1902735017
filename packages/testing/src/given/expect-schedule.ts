// Compares timers, requested effects and instances of process managers with what a test expects of them. Only what the expectation names is
// compared.

import type {
  CronTime,
  Decider,
  Duration,
  EffectContract,
  FactInput,
  Facts,
  ProcessDeclaration,
  Schema,
  Service,
  TimerDefinition,
  TimerInput,
  Timers,
} from 'tidings'
import { durationMs, validate } from 'tidings/contracts'
import { isStreamOfInstance, type TimerValue } from 'tidings/operations'
import { expectSame } from '../expectations/index.ts'
import { comparableFacts } from './given-fact.ts'
import type { Consequences } from './run-alone.ts'
import { timerName } from './service-variant.ts'

/**
 * What a test expects of a timer. Either it is set: for a time (`at`), for a duration `after` the event that set it, or repeatedly
 * (`every`), with these data. Or it is `cancelled`: it was set before, and did not come due.
 */
export type ExpectedTimer<T extends TimerDefinition> =
  | 'cancelled'
  | {
      readonly at?: Date
      readonly after?: Duration
      readonly every?: CronTime
      readonly data?: TimerInput<T>
    }

/** What is expected of some timers, by their names. */
export type ExpectedTimers<T extends Timers> = { readonly [Name in keyof T]?: ExpectedTimer<T[Name]> }

/** What is expected of some timers of a service, by their names and keys. */
export type ExpectedKeyedTimers<T extends Timers> = {
  readonly [Name in keyof T]?: Readonly<Record<string, ExpectedTimer<T[Name]>>>
}

type TypesOf<P extends ProcessDeclaration> = P extends {
  readonly '~types'?: infer T extends { readonly facts: Facts; readonly state: unknown; readonly timers: Timers }
}
  ? T
  : never

type ProcessFact<F extends Facts> = {
  readonly [Name in keyof F & string]: readonly [Name, FactInput<F[Name]>]
}[keyof F & string]

/** What is expected of an instance of a process manager. */
export interface ExpectedInstance<P extends ProcessDeclaration> {
  /** Exactly these new facts, in this order. */
  readonly facts?: readonly ProcessFact<TypesOf<P>['facts']>[]
  /** The state after all of its facts. */
  readonly state?: TypesOf<P>['state']
  /** What is expected of each timer that is named. */
  readonly timers?: ExpectedTimers<TypesOf<P>['timers']>
  /** Whether it has ended. */
  readonly ended?: boolean
}

type PlainTimers = Readonly<Record<string, ExpectedTimer<TimerDefinition> | undefined>>

/** An expectation without its specific types. */
export interface PlainInstance {
  readonly facts?: readonly unknown[]
  readonly state?: unknown
  readonly timers?: PlainTimers
  readonly ended?: boolean
}

/** Throws `ExpectationFailed` unless exactly these effects were requested, in this order. */
export function expectRequested(
  subject: string,
  expected: readonly (readonly [EffectContract, unknown])[],
  { requested }: Pick<Consequences, 'requested'>,
): void {
  expectSame(
    `${subject}: the requested effects are not as expected.`,
    expected.map(([effect, input]) => [effect.name, completed(effect.chain.latest.schema, input)]),
    requested.map(({ effect, input }) => [effect, input]),
  )
}

/** Throws `ExpectationFailed` unless the service's own timers are as expected. */
export function expectTimers(
  subject: string,
  service: Service,
  expected: Readonly<Record<string, PlainTimers | undefined>>,
  found: Consequences,
): void {
  for (const [name, byKey] of Object.entries(expected)) {
    for (const [key, timer] of Object.entries(byKey ?? {}))
      expectTimer(subject, { process: undefined, name, key, definition: service.timers[name] }, timer, found)
  }
}

/** Throws `ExpectationFailed` unless an instance is as expected. */
export async function expectInstance(
  subject: string,
  manager: ProcessDeclaration,
  key: string,
  expected: PlainInstance,
  found: Consequences,
): Promise<void> {
  const { name, decider, timers } = manager
  if (expected.facts !== undefined) {
    const ofInstance = found.facts.filter(
      ({ category, stream }) => category === name && isStreamOfInstance(stream, key),
    )
    expectSame(
      `${subject}: the new facts of ${name}/${key} are not as expected.`,
      comparableFacts(decider as Decider, expected.facts),
      ofInstance.map(({ type, data }) => [type, JSON.parse(data)]),
    )
  }
  for (const [timer, wanted] of Object.entries(expected.timers ?? {}))
    expectTimer(subject, { process: name, name: timer, key, definition: timers[timer] }, wanted, found)
  const instance = await found.instance(name, key)
  if ('state' in expected)
    expectSame(`${subject}: the state of ${name}/${key} is not as expected.`, expected.state, instance?.value)
  if (expected.ended !== undefined) {
    const state = expected.ended ? 'ended' : 'running'
    expectSame(`${subject}: ${name}/${key} is not as expected.`, state, instance?.state ?? 'never started')
  }
}

/** Throws `ExpectationFailed` if timers were set or cancelled, effects requested, or instances started or ended. */
export function expectNothingPlanned(subject: string, found: Consequences): void {
  expectRequested(subject, [], found)
  expectSame(
    `${subject}: timers were set or cancelled.`,
    found.timers.before.map(inWords),
    found.timers.after.map(inWords),
  )
  expectSame(`${subject}: instances of process managers started or ended.`, [], found.moved)
}

interface TimerPlace {
  readonly process: string | undefined
  readonly name: string
  readonly key: string
  readonly definition: TimerDefinition | undefined
}

function expectTimer(
  subject: string,
  place: TimerPlace,
  expected: ExpectedTimer<TimerDefinition> | undefined,
  found: Consequences,
): void {
  if (expected === undefined) return
  const name = timerName(place.process, place.name, place.key)
  const isIt = ({ process, timer, key }: TimerValue) => timerName(process, timer, key) === name
  const set = found.timers.after.find(isIt)
  const sentence = `${subject}: the timer ${name} is not as expected.`
  const gone = () => {
    if (found.fired.has(name)) return 'came due'
    return found.timers.before.some(isIt) ? 'cancelled' : 'not set'
  }
  if (expected === 'cancelled' || set === undefined) {
    expectSame(sentence, expected, set === undefined ? gone() : inWords(set))
    return
  }
  const { at, after, every } = expected
  const wanted: Record<string, unknown> = { ...expected }
  const got: Record<string, unknown> = {}
  if (at !== undefined) got.at = new Date(set.dueAt)
  if (after !== undefined) {
    wanted.after = durationOf(durationMs(after))
    got.after = durationOf(set.dueAt - set.setAt)
  }
  if (every !== undefined) {
    wanted.every = { timeZone: 'UTC', ...every }
    got.every = set.every
  }
  if ('data' in expected) {
    wanted.data =
      place.definition === undefined ? expected.data : completed(place.definition.chain.latest.schema, expected.data)
    got.data = set.data
  }
  expectSame(sentence, wanted, got)
}

function inWords({ process, timer, key, dueAt, setAt, every, data }: TimerValue) {
  return {
    timer: timerName(process, timer, key),
    ...(every === undefined ? { after: durationOf(dueAt - setAt) } : { every }),
    at: new Date(dueAt),
    data,
  }
}

/** Milliseconds as a duration, largest parts first: 600,000 is `{ minutes: 10 }`. */
export function durationOf(ms: number): Duration {
  const sizes = { days: 86_400_000, hours: 3_600_000, minutes: 60_000, seconds: 1_000, milliseconds: 1 }
  const parts: Record<string, number> = {}
  let left = ms
  for (const [name, size] of Object.entries(sizes)) {
    const count = Math.trunc(left / size)
    if (count !== 0) parts[name] = count
    left -= count * size
  }
  return Object.keys(parts).length === 0 ? { milliseconds: 0 } : parts
}

/** Fills in the defaults of a schema; a value that the schema refuses (with matchers, or of another shape) stays as it is. */
export function completed(schema: Schema, data: unknown): unknown {
  try {
    return validate('an expectation', schema, data)
  } catch {
    return data
  }
}
