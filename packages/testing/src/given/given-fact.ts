// Facts as tests write them, `['placed', { … }]`, checked and upcast as a stream does it.

import {
  type DecidedFact,
  type Decider,
  type FactInput,
  type FactMeta,
  type FactsOf,
  type ImportedFact,
  TidingsError,
} from 'tidings'
import { readVersion, toJson, validate } from 'tidings/contracts'
import { ownLimitsApply } from '../session/event-record.ts'

/** What you can set for a fact besides its data. */
export interface FactDetails {
  /** When it occurred. Default: one second after the fact before it. */
  readonly occurredAt?: Date
  /** The id of the principal that caused it. Default: nobody. */
  readonly principal?: string
  /** The tenant of that principal. Default: none. */
  readonly tenant?: string | null
}

/** Details of a fact in an old version, which is upcast. */
export interface OldFactDetails extends FactDetails {
  /** The version of the data. */
  readonly version: number
}

type NamesOf<D extends Decider> = keyof FactsOf<D> & string

/** A fact of a decider: `['placed', { … }]`, or what the decider's `make` makes. */
export type GivenFact<D extends Decider> =
  | { readonly [Name in NamesOf<D>]: readonly [Name, FactInput<FactsOf<D>[Name]>, FactDetails?] }[NamesOf<D>]
  | readonly [NamesOf<D>, unknown, OldFactDetails]
  | DecidedFact

/** A fact that a test expects. */
export type ExpectedFact<D extends Decider> =
  | { readonly [Name in NamesOf<D>]: readonly [Name, FactInput<FactsOf<D>[Name]>] }[NamesOf<D>]
  | DecidedFact

/** A fact with data of the newest version. */
export interface PlainFact {
  readonly type: string
  readonly data: unknown
  readonly details: FactDetails
}

/** A given fact as a store takes it: parsed when it is appended, and upcast when it is read. Throws `NOT_DECLARED`. */
export function importedFact(
  decider: Decider,
  given: DecidedFact | readonly [string, unknown, FactDetails?],
): ImportedFact {
  const { type, data, version } = declaredFact(decider, given)
  return { type, data, version }
}

/** Checks a fact and brings its data to the newest version; throws `NOT_DECLARED`, `INVALID_PAYLOAD` or `UPCAST_FAILED`. */
export function plainFact(decider: Decider, given: DecidedFact | readonly [string, unknown, FactDetails?]): PlainFact {
  const { type, data, details, version, chain } = declaredFact(decider, given)
  const what = `Fact ${type} of ${decider.name}`
  const { schema } = chain.versions[version - 1] as (typeof chain.versions)[number]
  // Serialised and parsed, as a store does it.
  const stored: unknown = JSON.parse(toJson(what, validate(what, schema, data), ownLimitsApply))
  return { type, data: readVersion(chain, { version, readableFrom: version, data: stored }), details }
}

function declaredFact(decider: Decider, given: DecidedFact | readonly [string, unknown, FactDetails?]) {
  const [type, data, details = {}] = 'type' in given ? ([given.type, given.data] as const) : given
  const definition = Object.hasOwn(decider.facts, type) ? decider.facts[type] : undefined
  if (definition === undefined) {
    throw new TidingsError('NOT_DECLARED', `Decider ${decider.name} has no fact ${JSON.stringify(type)}.`, {
      details: { facts: Object.keys(decider.facts) },
    })
  }
  const { chain } = definition
  const { version = chain.latest.version } = details as Partial<OldFactDetails>
  if (chain.versions[version - 1] === undefined) {
    throw new TidingsError('NOT_DECLARED', `Fact ${type} of ${decider.name} has no version ${version}.`)
  }
  return { type, data, details, version, chain }
}

/** Expected facts, with the defaults of their schemas filled in; data that the schema refuses (with matchers, or of another shape) stay as they are. */
export function comparableFacts(decider: Decider, facts: readonly unknown[]): readonly unknown[] {
  return facts.map((expected) => {
    const [type, data] = asPair(expected as DecidedFact | readonly [string, unknown])
    try {
      return [type, plainFact(decider, [type, data]).data]
    } catch {
      return [type, data]
    }
  })
}

function asPair(fact: DecidedFact | readonly [string, unknown, ...unknown[]]): readonly [string, unknown] {
  return 'type' in fact ? [fact.type, fact.data] : [fact[0], fact[1]]
}

/** The state after facts, and how many there were. */
export function evolveAll(
  decider: Decider,
  state: unknown,
  facts: readonly PlainFact[],
  metaOf: (fact: PlainFact, index: number) => FactMeta,
): unknown {
  return facts.reduce((before, fact, index) => {
    const step = decider.evolve[fact.type]
    return step?.(before as never, fact.data as never, metaOf(fact, index))
  }, state)
}
