// Deciders: the logic of an event-sourced entity as plain functions. `decide` says what happens, `evolve` what it means.

import type {
  CommandContract,
  CommandData,
  FactData,
  FactDefinition,
  FactInput,
  Rejection,
} from '../contracts/index.ts'
import { checkSimpleName } from '../contracts/index.ts'
import { TidingsError } from '../errors/index.ts'

/** The facts of a decider, by name. */
export type Facts = Readonly<Record<string, FactDefinition>>

/** A fact that `decide` gives back. */
export interface DecidedFact {
  readonly type: string
  readonly data: unknown
}

/** What `decide` may give back: facts, nothing (the command changes nothing), or the domain's "no". */
export type Decision = DecidedFact | readonly DecidedFact[] | Rejection | undefined

/** What `decide` gets besides the command and the state. */
export interface DecideTools<F extends Facts> {
  /** Makes facts: `facts.placed({ … })`. */
  readonly facts: { readonly [Name in keyof F & string]: (data: FactInput<F[Name]>) => DecidedFact }
  /** The domain's "no". */
  readonly reject: (code: string, message: string, details?: Readonly<Record<string, unknown>>) => Rejection
  /** When the command's matter occurred. */
  readonly occurredAt: Date
  /** Who sent the command. */
  readonly principal: string | null
}

/** What is known of a fact besides its data. */
export interface FactMeta {
  readonly type: string
  readonly stream: string
  readonly streamVersion: number
  readonly occurredAt: Date
  readonly recordedAt: Date
  readonly correlationId: string
  readonly causationId: string
  readonly principal: string | null
}

/** The commands a decider decides on, by name. */
export type Commands = Readonly<Record<string, CommandContract>>

/** The parts of a decider. */
export interface DeciderSpec<C extends Commands, F extends Facts, State> {
  /** The commands it decides on; each needs a `key`, which names the stream. */
  readonly commands: C
  /** Everything that can have happened. A fact, once stored, stays in this list for ever (with upcasters). */
  readonly facts: F
  /** The state before anything happened. */
  readonly initialState: () => State
  /** What happens on a command. Pure: it may be run again on a conflict. */
  readonly decide: {
    readonly [Name in keyof C]: (command: CommandData<C[Name]>, state: State, tools: DecideTools<F>) => Decision
  }
  /** The state after a fact. Pure; give back a new state and leave the old one alone. */
  readonly evolve: { readonly [Name in keyof F]: (state: State, data: FactData<F[Name]>, meta: FactMeta) => State }
  /** Keeps the state every so many facts, so that long streams load fast. Default: none is kept. */
  readonly snapshot?: {
    /** A snapshot is taken when so many facts came since the last. */
    readonly every: number
    /** The version of the state's shape; snapshots of another version are passed over. */
    readonly version: number
  }
}

/** The types of a decider. */
export interface DeciderTypes {
  readonly commands: Commands
  readonly facts: Facts
  readonly state: unknown
}

// A method, so that a decider of known facts is also a decider of any.
type MakeFact<F extends FactDefinition> = { make(data: FactInput<F>): DecidedFact }['make']

/** A decider. */
export interface Decider<T extends DeciderTypes = DeciderTypes> {
  readonly kind: 'decider'
  /** The category of its streams: `order`. */
  readonly name: string
  readonly commands: T['commands']
  readonly facts: T['facts']
  initialState(): T['state']
  readonly decide: Readonly<Record<string, (command: never, state: never, tools: never) => Decision>>
  readonly evolve: Readonly<Record<string, (state: never, data: never, meta: FactMeta) => unknown>>
  readonly snapshot: { readonly every: number; readonly version: number } | undefined
  /** The makers of its facts, for `decide` and for tests. */
  readonly make: { readonly [Name in keyof T['facts'] & string]: MakeFact<T['facts'][Name]> }
  /** Types only; never set. */
  readonly '~types'?: T
}

/** Defines a decider. Inert. Throws `INVALID_NAME` or `INVALID_CONTRACT`. */
export function defineDecider<const C extends Commands, const F extends Facts, State>(
  name: string,
  spec: DeciderSpec<C, F, State>,
): Decider<{ commands: C; facts: F; state: State }> {
  checkSimpleName('decider', name)
  for (const [commandName, command] of Object.entries(spec.commands)) {
    if (!command.keyed) {
      throw new TidingsError(
        'INVALID_CONTRACT',
        `Decider ${name} decides on ${commandName} (${command.name}), which has no key to name a stream.`,
      )
    }
    if (typeof spec.decide[commandName] !== 'function') {
      throw new TidingsError('INVALID_CONTRACT', `Decider ${name} does not decide on its command ${commandName}.`)
    }
  }
  const make: Record<string, (data: unknown) => DecidedFact> = {}
  for (const type of Object.keys(spec.facts)) {
    if (!/^[A-Za-z][A-Za-z0-9-]{0,59}$/.test(type)) {
      throw new TidingsError(
        'INVALID_NAME',
        `Decider ${name} has a fact named ${JSON.stringify(type)}; a fact is letters, digits and "-".`,
      )
    }
    if (typeof spec.evolve[type] !== 'function') {
      throw new TidingsError('INVALID_CONTRACT', `Decider ${name} does not evolve on its fact ${type}.`)
    }
    make[type] = (data) => ({ type, data })
  }
  const { snapshot } = spec
  if (snapshot !== undefined && !(Number.isSafeInteger(snapshot.every) && snapshot.every >= 1)) {
    throw new TidingsError(
      'INVALID_CONTRACT',
      `Decider ${name} keeps a snapshot every ${snapshot.every} facts; that is a whole number of at least 1.`,
    )
  }
  return {
    kind: 'decider',
    name,
    commands: spec.commands,
    facts: spec.facts,
    initialState: spec.initialState,
    decide: spec.decide,
    evolve: spec.evolve,
    snapshot,
    make: make as never,
  }
}

/** The state of a decider. */
export type StateOf<D extends Decider> = NonNullable<D['~types']>['state']

/** The facts of a decider. */
export type FactsOf<D extends Decider> = NonNullable<D['~types']>['facts']
