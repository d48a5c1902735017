// Replicas: local tables of other services' public state, with the latest version of each key.

import type { EventContract, EventData } from '../contracts/index.ts'
import { checkIsText, checkKind, checkList, checkObject, TidingsError } from '../errors/index.ts'

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
  const hint = 'Write `replicaOf(CustomerChanged)`, with a contract whose pattern is state-transfer.'
  checkKind(contract, 'event', { what: 'What is replicated', hint })
  checkIndexes(contract.name, options)
  if (contract.pattern !== 'state-transfer') {
    throw new TidingsError(
      'INVALID_CONTRACT',
      `A replica needs a state-transfer contract, but ${contract.name} has the pattern ${contract.pattern}.`,
    )
  }
  return { kind: 'replica', of: contract, indexes: options.indexes ?? [] }
}

function checkIndexes(contract: string, options: { readonly indexes?: readonly unknown[] }): void {
  const hint = "Write `replicaOf(…, { indexes: ['city'] })`, or leave it out."
  checkObject(options, { what: `The options of a replica of ${contract}`, hint })
  if (options.indexes === undefined) return
  checkList(options.indexes, { what: `\`indexes\` of a replica of ${contract}`, hint })
  for (const field of options.indexes) checkIsText(field, { what: `An index of a replica of ${contract}`, hint })
}
