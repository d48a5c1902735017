// Deciders: the logic of an event-sourced entity as plain functions. `decide` turns a command into facts, `evolve` a fact into state.

import type {
  Caller,
  CommandContract,
  CommandData,
  CommandOutput,
  FactData,
  FactDefinition,
  FactInput,
  Rejection,
} from '../contracts/index.ts'
import { checkSimpleName } from '../contracts/index.ts'
import { checkFunction, checkObject, shownValue, TidingsError } from '../errors/index.ts'
import { checkRecord } from './check-uses.ts'

/** The facts of a decider, by name. */
export type Facts = Readonly<Record<string, FactDefinition>>

/** A fact that `decide` returns. */
export interface DecidedFact {
  readonly type: string
  readonly data: unknown
}

/** What `decide` returns if its command has an output: the answer, and the facts that it decided. */
export interface DecidedAnswer<Output = unknown> {
  readonly kind: 'tidings.answer'
  readonly output: Output
  readonly facts: readonly DecidedFact[]
}

/** A fact that is appended without a decision: in an import or a test. */
export interface ImportedFact extends DecidedFact {
  /** The version that the data follow; they are stored under it, and upcast when they are read. Default: the newest version. */
  readonly version?: number
}

/** What `decide` returns for a command without an output: facts, `undefined` (nothing changes), or a rejection. */
export type Decision = DecidedFact | readonly DecidedFact[] | Rejection | undefined

/** What `decide` returns for one command: an answer if the command has an output, facts if it has none, or a rejection. */
export type DecisionOn<C extends CommandContract> = [CommandOutput<C>] extends [undefined]
  ? Decision
  : DecidedAnswer<CommandOutput<C>> | Rejection

/** Whether a decision is an answer. */
export function isDecidedAnswer(decision: unknown): decision is DecidedAnswer {
  return typeof decision === 'object' && decision !== null && (decision as DecidedAnswer).kind === 'tidings.answer'
}

/** The answer to a command together with facts. */
export function decidedAnswer<Output>(
  output: Output,
  facts: DecidedFact | readonly DecidedFact[] = [],
): DecidedAnswer<Output> {
  return { kind: 'tidings.answer', output, facts: factsIn(facts) }
}

/** The facts of a decision that is no rejection. */
export function factsIn(decision: unknown): readonly DecidedFact[] {
  if (decision === undefined || decision === null) return []
  if (isDecidedAnswer(decision)) return decision.facts
  return Array.isArray(decision) ? (decision as readonly DecidedFact[]) : [decision as DecidedFact]
}

/** What `decide` receives besides the command and the state. */
export interface DecideTools<F extends Facts> {
  /** Creates facts: `facts.placed({ … })`. */
  readonly facts: { readonly [Name in keyof F & string]: (data: FactInput<F[Name]>) => DecidedFact }
  /** Answers a command that has an output, with the facts that were decided: `answer({ number }, facts.placed({ number }))`. */
  readonly answer: <Output>(output: Output, facts?: DecidedFact | readonly DecidedFact[]) => DecidedAnswer<Output>
  /** Creates an id, for parts of the entity. A command that runs again after a conflict gets new ones. */
  readonly newId: () => string
  /** Creates a rejection. */
  readonly reject: (code: string, message: string, details?: Readonly<Record<string, unknown>>) => Rejection
  /** When the command occurred: as the caller set it, or when it was received. */
  readonly occurredAt: Date
  /** Who sent the command, with roles and claims; `null` if unknown. */
  readonly principal: Caller | null
}

/** What a fact carries besides its data. */
export interface FactMeta {
  readonly type: string
  readonly stream: string
  readonly streamVersion: number
  readonly occurredAt: Date
  /**
   * When it was recorded. While it is being appended (in `evolve`, in an announcement, in an inline projection), it is when it was decided: where several
   * instances share a store, the commit may raise it to that of the fact before. For what you keep, `occurredAt` never differs.
   */
  readonly recordedAt: Date
  readonly correlationId: string
  readonly causationId: string
  /** The id of the principal that caused it; `null` if unknown. */
  readonly principal: string | null
  /** The tenant of that principal; `null` if it has none. */
  readonly tenant: string | null
}

/** The commands of a decider, by name. */
export type Commands = Readonly<Record<string, CommandContract>>

/** A type with everything that JSON cannot keep replaced by `never`. */
export type KeptAsJson<T> = unknown extends T
  ? T
  : T extends string | number | boolean | null | undefined
    ? T
    : T extends ((...given: never[]) => unknown) | symbol | bigint
      ? never
      : { [Name in keyof T]: KeptAsJson<T[Name]> }

/** When snapshots are stored. If the state holds what JSON cannot keep, this type is a sentence that says so. */
export type SnapshotOf<State> = [State] extends [KeptAsJson<State>]
  ? {
      /** The number of facts between two snapshots. */
      readonly every: number
      /** The version of the state's shape; snapshots of another version are ignored. */
      readonly version: number
    }
  : 'A state with snapshots must be JSON: no Map, Set, Date, function or class instance.'

/** The parts of a decider. */
export interface DeciderSpec<C extends Commands, F extends Facts, State> {
  /** The commands that it decides on; each needs a `key`, which names the stream. */
  readonly commands: C
  /** All facts that a stream may hold. Once stored, a fact stays in this list for ever, with its upcasters. */
  readonly facts: F
  /** The state of an empty stream. */
  readonly initialState: () => State
  /** Turns a command into facts. Pure: it runs again after a conflict. */
  readonly decide: {
    readonly [Name in keyof C]: (
      command: CommandData<C[Name]>,
      state: State,
      tools: DecideTools<F>,
    ) => DecisionOn<C[Name]>
  }
  /**
   * The state after a fact. Pure: return a new state and do not change the old one. Default for a fact that is left out: the state does not change.
   */
  readonly evolve?: { readonly [Name in keyof F]?: (state: State, data: FactData<F[Name]>, meta: FactMeta) => State }
  /** Stores the state from time to time, so that long streams load fast. Default: no snapshots. */
  readonly snapshot?: SnapshotOf<State>
}

/** The types of a decider. */
export interface DeciderTypes {
  readonly name: string
  readonly commands: Commands
  readonly facts: Facts
  readonly state: unknown
}

/** The types of a decider, from its parts. */
export interface DeciderOf<Name extends string, State, C extends Commands, F extends Facts> extends DeciderTypes {
  readonly name: Name
  readonly commands: C
  readonly facts: F
  readonly state: State
}

// A method, not a property: so a decider with known facts can be passed where any decider is accepted.
type MakeFact<F extends FactDefinition> = { make(data: FactInput<F>): DecidedFact }['make']

/** A decider. */
export interface Decider<T extends DeciderTypes = DeciderTypes> {
  readonly kind: 'decider'
  /** The category of its streams: `order`. */
  readonly name: string
  readonly commands: T['commands']
  readonly facts: T['facts']
  initialState(): T['state']
  readonly decide: Readonly<Record<string, (command: never, state: never, tools: never) => Decision | DecidedAnswer>>
  readonly evolve: Readonly<Record<string, (state: never, data: never, meta: FactMeta) => unknown>>
  readonly snapshot: { readonly every: number; readonly version: number } | undefined
  /** Creates its facts, for `decide` and for tests. */
  readonly make: { readonly [Name in keyof T['facts'] & string]: MakeFact<T['facts'][Name]> }
  /** Types only; never set. */
  readonly '~types'?: T
}

/** Defines a decider; registers and runs nothing. Throws `INVALID_NAME` or `INVALID_CONTRACT`. */
export function defineDecider<const Name extends string, const C extends Commands, const F extends Facts, State>(
  name: Name,
  spec: DeciderSpec<C, F, State>,
): Decider<DeciderOf<Name, State, C, F>> {
  checkSimpleName('decider', name)
  checkDeciderParts(name, spec)
  for (const [commandName, command] of Object.entries(spec.commands)) {
    if (!command.keyed) {
      throw new TidingsError(
        'INVALID_CONTRACT',
        `Decider ${name} decides on ${commandName} (${command.name}), which has no key; the key names the stream.`,
      )
    }
    if (typeof spec.decide[commandName] !== 'function') {
      throw new TidingsError(
        'INVALID_CONTRACT',
        `Decider ${name} has no decide function for its command ${commandName}.`,
      )
    }
  }
  const make: Record<string, (data: unknown) => DecidedFact> = {}
  for (const type of Object.keys(spec.facts)) {
    if (!/^[A-Za-z][A-Za-z0-9-]{0,59}$/.test(type)) {
      throw new TidingsError(
        'INVALID_NAME',
        `Decider ${name} has a fact named ${JSON.stringify(type)}, which is not a valid name.`,
        { hint: 'Use a letter followed by up to 59 letters, digits and "-".' },
      )
    }
    make[type] = (data) => ({ type, data })
  }
  const snapshot = spec.snapshot as Decider['snapshot']
  checkSnapshot(name, snapshot)
  return {
    kind: 'decider',
    name,
    commands: spec.commands,
    facts: spec.facts,
    initialState: spec.initialState,
    decide: spec.decide,
    evolve: completeEvolve(name, spec.facts, spec.evolve ?? {}),
    snapshot,
    make: make as never,
  }
}

function checkDeciderParts(name: string, spec: object): void {
  const hint = `Write \`defineDecider('${name}', { commands, facts, initialState, decide })\`.`
  checkObject(spec, { what: `The parts of decider ${name}`, hint })
  const { commands, facts, initialState, decide, evolve } = spec as Readonly<Record<string, unknown>>
  checkRecord(`\`commands\` of decider ${name}`, commands, 'command', 'PlaceOrder')
  checkRecord(`\`facts\` of decider ${name}`, facts, 'fact', 'fact(schema)')
  checkFunction(initialState, {
    what: `\`initialState\` of decider ${name}`,
    hint: 'Write `initialState: () => ({ … })`.',
  })
  checkObject(decide, { what: `\`decide\` of decider ${name}`, hint })
  if (evolve !== undefined) checkObject(evolve, { what: `\`evolve\` of decider ${name}`, hint })
}

function checkSnapshot(name: string, snapshot: Decider['snapshot']): void {
  if (snapshot === undefined) return
  checkObject(snapshot, {
    what: `The snapshot of decider ${name}`,
    hint: 'Write `snapshot: { every: 100, version: 1 }`, or leave it out.',
  })
  for (const option of ['every', 'version'] as const) {
    if (Number.isSafeInteger(snapshot[option]) && snapshot[option] >= 1) continue
    throw new TidingsError(
      'INVALID_CONTRACT',
      `Decider ${name} sets snapshot.${option} to ${shownValue(snapshot[option])}; it must be a whole number of at least 1.`,
    )
  }
}

/** A function for each fact; one that is left out does not change the state. */
function completeEvolve(name: string, facts: Facts, evolve: Readonly<Record<string, unknown>>): Decider['evolve'] {
  for (const [type, step] of Object.entries(evolve)) {
    const flaw = !Object.hasOwn(facts, type) ? 'is not one of its facts' : 'is not a function'
    if (!Object.hasOwn(facts, type) || (step !== undefined && typeof step !== 'function'))
      throw new TidingsError('INVALID_CONTRACT', `Decider ${name} evolves ${JSON.stringify(type)}, which ${flaw}.`)
  }
  const unchanged = (state: unknown) => state
  return Object.fromEntries(Object.keys(facts).map((type) => [type, (evolve[type] ?? unchanged) as never]))
}

/** The state of a decider. */
export type StateOf<D extends Decider> = NonNullable<D['~types']>['state']

/** The facts of a decider. */
export type FactsOf<D extends Decider> = NonNullable<D['~types']>['facts']
