// What keeps an instance from committing what another one has taken over, and from changing what others rely on.

import { TidingsError } from '../../errors/index.ts'
import type { CommitConflict, RowCheck } from '../../ports/index.ts'

/** The fence of an instance that does a part of its service's work. */
export interface Fence {
  /** The name of the instance. */
  readonly holder: string
  /** Every commit in its name makes this check. */
  readonly check: RowCheck
  /** Fires when the part is lost to another instance. */
  readonly signal: AbortSignal
  /** The names of the other instances that were alive when the part was taken. */
  readonly others: readonly string[]
  /** Throws `LEASE_LOST` if the part is lost, or may be lost by now. */
  assertHeld(): void
  /** Throws `LEASE_LOST` if the conflicts of a commit say that the part is lost. */
  notice(conflicts: readonly CommitConflict[]): void
}

/**
 * Throws `INSTANCES_RUNNING` if other instances of the service run: what is to be changed, they rely on.
 *
 * @param what - is to be changed: `Subscriber post becomes mail`.
 */
export function refuseBesideOthers({ fence, service }: Fenced, what: string): void {
  if (fence === undefined || fence.others.length === 0) return
  throw new TidingsError(
    'INSTANCES_RUNNING',
    `${what}, and other instances of ${service.name} run that do not know it: ${fence.others.join(', ')}.`,
    { details: { instances: fence.others } },
  )
}

interface Fenced {
  readonly service: { readonly name: string }
  readonly fence: Fence | undefined
}
