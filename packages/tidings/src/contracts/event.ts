// Event contracts: what a service publishes. Versioned, keyed, and owned by exactly one service.

import { shownValue, TidingsError } from '../errors/index.ts'
import { checkDefinition, checkKeyFunction } from './check-options.ts'
import { checkName, checkSimpleName } from './names.ts'
import type { NextVersionIs, NumberAfter } from './next-version.ts'
import type { IfSame } from './same-type.ts'
import type { InputOf, OutputOf, Schema } from './schema.ts'
import { typed } from './typed.ts'
import { extendChain, startChain, type VersionChain, type VersionOptions } from './versions.ts'

/**
 * The pattern an event follows.
 *
 * - `notification`: a key and little else; consumers look up details at the owner.
 * - `state-transfer`: the full public state of one entity, versioned per key; consumers keep replicas.
 * - `event-sourcing`: a published fact; from the history of such facts, the owner derives its state.
 */
export type Pattern = 'notification' | 'state-transfer' | 'event-sourcing'

const patterns: readonly Pattern[] = ['notification', 'state-transfer', 'event-sourcing']

/** The types of an event contract: what `publish` accepts and what handlers receive. */
export interface EventTypes {
  readonly name: string
  readonly input: unknown
  readonly data: unknown
}

/** The types of an event whose schema does not change what it accepts. */
export interface EventOf<Name extends string, Data> extends EventTypes {
  readonly name: Name
  readonly input: Data
  readonly data: Data
}

/** The types of an event whose schema accepts one type and returns another. */
export interface ParsedEventOf<Name extends string, Input, Data> extends EventTypes {
  readonly name: Name
  readonly input: Input
  readonly data: Data
}

// Two interfaces, because an editor and the compiler show a contract by the name and the arguments of its interface: without the second argument
// they are short.
type EventTypesOf<Name extends string, Input, Data> = IfSame<
  Input,
  Data,
  EventOf<Name, Data>,
  ParsedEventOf<Name, Input, Data>
>

/** A finished event contract. */
export interface EventContract<T extends EventTypes = EventTypes> {
  readonly kind: 'event'
  /** The type of the event, past tense: `shop.order-placed`. */
  readonly name: T['name']
  /** The service that publishes it. */
  readonly owner: string
  readonly pattern: Pattern
  readonly description: string | undefined
  readonly chain: VersionChain
  /** The key of an event; events of one key keep their order. */
  keyOf(data: T['data']): string
  /** Types only; never set. */
  readonly '~types': T | undefined
}

/** The `kind` of an event contract without a key: a sentence, so that the compiler shows it where a finished contract is expected. */
export type EventWithoutKey = 'an event without a key: finish it with .key((data) => …)'

const withoutKey: EventWithoutKey = 'an event without a key: finish it with .key((data) => …)'

/** An event contract to which you can add versions; `key` finishes it. */
export interface EventVersions<T extends EventTypes, V extends number = number>
  extends Omit<EventContract<T>, 'kind' | '~types'> {
  readonly kind: EventWithoutKey
  /** Types only; never set. */
  readonly '~types': T | undefined
  /**
   * Adds the next version.
   *
   * @param version - one more than the version before.
   * @param upcast - converts data of the version before to this version.
   */
  version<S extends Schema>(
    version: NextVersionIs<NumberAfter<V>>,
    schema: S,
    upcast: (older: T['data']) => InputOf<S>,
    options?: VersionOptions<OutputOf<S>, T['data']>,
  ): EventVersions<EventTypesOf<T['name'], InputOf<S>, OutputOf<S>>, NumberAfter<V>>
  /** Finishes the contract with its key; events of one key keep their order. */
  key(keyOf: (data: T['data']) => string): EventContract<T>
}

/** An event contract without versions yet. */
export interface EventDraft<Name extends string = string> {
  /** Adds version 1. */
  version<S extends Schema>(
    version: NextVersionIs<1>,
    schema: S,
  ): EventVersions<EventTypesOf<Name, InputOf<S>, OutputOf<S>>, 1>
}

/** Options of an event contract. */
export interface EventOptions {
  /** The only service that may publish it. */
  readonly owner: string
  /** The pattern that it follows; shown on the map and in the catalogue. */
  readonly pattern: Pattern
  /** One sentence for the catalogue. */
  readonly description?: string
}

/**
 * Defines an event contract: `defineEvent(name, { owner, pattern }).version(1, schema).key((data) => data.id)`.
 *
 * It only returns a value; nothing is registered anywhere. Throws `INVALID_NAME` or `INVALID_CONTRACT`.
 */
export function defineEvent<const Name extends string>(name: Name, options: EventOptions): EventDraft<Name> {
  checkName('event', name)
  checkDefinition(`event ${name}`, options, `defineEvent('${name}', { owner: 'shop', pattern: 'notification' })`)
  checkSimpleName('service', options.owner)
  if (!patterns.includes(options.pattern)) {
    throw new TidingsError(
      'INVALID_CONTRACT',
      `Event ${name} has the pattern ${shownValue(options.pattern)}; use one of ${patterns.join(', ')}.`,
    )
  }
  return {
    version: (version, schema) => versions(name, options, startChain(`Event ${name}`, version as number, schema)),
  }
}

function versions<T extends EventTypes, V extends number>(
  name: T['name'],
  options: EventOptions,
  chain: VersionChain,
): EventVersions<T, V> {
  const { owner, pattern, description } = options
  const parts = { name, owner, pattern, description, chain }
  return typed({
    ...parts,
    kind: withoutKey,
    keyOf: () => {
      throw new TidingsError('INVALID_CONTRACT', `Event ${name} has no key; finish it with .key((data) => …).`)
    },
    version: (version, schema, upcast, versionOptions) =>
      versions(name, options, extendChain(chain, version as number, schema, upcast as never, versionOptions as never)),
    key: (keyOf) => {
      checkKeyFunction(`event ${name}`, keyOf)
      return typed<EventContract<T>>({ ...parts, kind: 'event', keyOf })
    },
  })
}

/** The data that `publish` accepts for a contract. */
export type EventInput<E extends EventContract> = NonNullable<E['~types']>['input']

/** The data that a handler of a contract receives. */
export type EventData<E extends EventContract> = NonNullable<E['~types']>['data']
