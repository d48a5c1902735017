// Event contracts: what a service publishes. Versioned, keyed, and owned by exactly one service.

import { TidingsError } from '../errors/index.ts'
import { checkName, checkSimpleName } from './names.ts'
import type { InputOf, OutputOf, Schema } from './schema.ts'
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
  readonly input: unknown
  readonly data: unknown
}

/** A finished event contract. */
export interface EventContract<T extends EventTypes = EventTypes> {
  readonly kind: 'event'
  /** The type of the event, past tense: `shop.order-placed`. */
  readonly name: string
  /** The service that publishes it. */
  readonly owner: string
  readonly pattern: Pattern
  readonly description: string | undefined
  readonly chain: VersionChain
  /** The key of an event; events of one key keep their order. */
  keyOf(data: T['data']): string
  /** Types only; never set. */
  readonly '~types'?: T
}

/** An event contract to which you can add versions; `key` completes it. */
export interface EventVersions<T extends EventTypes> {
  /**
   * Adds the next version.
   *
   * @param version - one more than the version before.
   * @param upcast - converts data of the version before to this version.
   */
  version<S extends Schema>(
    version: number,
    schema: S,
    upcast: (older: T['data']) => InputOf<S>,
    options?: VersionOptions<OutputOf<S>, T['data']>,
  ): EventVersions<{ input: InputOf<S>; data: OutputOf<S> }>
  /** Completes the contract with its key; events of one key keep their order. */
  key(keyOf: (data: T['data']) => string): EventContract<T>
}

/** An event contract without versions yet. */
export interface EventDraft {
  /** Adds version 1. */
  version<S extends Schema>(version: 1, schema: S): EventVersions<{ input: InputOf<S>; data: OutputOf<S> }>
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
export function defineEvent(name: string, options: EventOptions): EventDraft {
  checkName('event', name)
  checkSimpleName('service', options.owner)
  if (!patterns.includes(options.pattern)) {
    const shown = typeof options.pattern === 'string' ? JSON.stringify(options.pattern) : typeof options.pattern
    throw new TidingsError(
      'INVALID_CONTRACT',
      `Event ${name} has the pattern ${shown}; use one of ${patterns.join(', ')}.`,
    )
  }
  return {
    version: (version, schema) => versions(name, options, startChain(`Event ${name}`, version, schema)),
  }
}

function versions<T extends EventTypes>(name: string, options: EventOptions, chain: VersionChain): EventVersions<T> {
  return {
    version: (version, schema, upcast, versionOptions) =>
      versions(name, options, extendChain(chain, version, schema, upcast as never, versionOptions as never)),
    key: (keyOf) => ({
      kind: 'event',
      name,
      owner: options.owner,
      pattern: options.pattern,
      description: options.description,
      chain,
      keyOf,
    }),
  }
}

/** The data that `publish` accepts for a contract. */
export type EventInput<E extends EventContract> = NonNullable<E['~types']>['input']

/** The data that a handler of a contract receives. */
export type EventData<E extends EventContract> = NonNullable<E['~types']>['data']
