// Replicas: local tables of other services' public state, with the latest version of each key.

import type { EventContract, EventData } from '../contracts/index.ts'
import { TidingsError } from '../errors/index.ts'

/** A replica's definition. */
export interface ReplicaDefinition<E extends EventContract = EventContract, Index extends string = string> {
  readonly kind: 'replica'
  readonly of: E
  /** Indexed top-level fields of the state. */
  readonly indexes: readonly Index[]
}

/** Options of a replica. */
export interface ReplicaOptions<
  E extends EventContract,
  Index extends keyof EventData<E> & string = keyof EventData<E> & string,
> {
  /** Top-level fields of the state to index. */
  readonly indexes?: readonly Index[]
}

/** Declares a replica of a state-transfer contract; throws `INVALID_CONTRACT` for any other pattern. */
export function replicaOf<E extends EventContract, Index extends keyof EventData<E> & string = never>(
  contract: E,
  options: ReplicaOptions<E, Index> = {},
): ReplicaDefinition<E, NoInfer<Index>> {
  if (contract.pattern !== 'state-transfer') {
    throw new TidingsError(
      'INVALID_CONTRACT',
      `A replica needs a state-transfer contract, but ${contract.name} has the pattern ${contract.pattern}.`,
    )
  }
  return { kind: 'replica', of: contract, indexes: options.indexes ?? [] }
}
