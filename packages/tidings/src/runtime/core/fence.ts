// What keeps an instance from committing what another one has taken over. Types only.

import type { CommitConflict, RowCheck } from '../../ports/index.ts'

/** The fence of an instance that does a part of its service's work. */
export interface Fence {
  /** The name of the instance. */
  readonly holder: string
  /** Every commit in its name makes this check. */
  readonly check: RowCheck
  /** Fires when the part is lost to another instance. */
  readonly signal: AbortSignal
  /** Throws `LEASE_LOST` if the part is lost, or may be lost by now. */
  assertHeld(): void
  /** Throws `LEASE_LOST` if the conflicts of a commit say that the part is lost. */
  notice(conflicts: readonly CommitConflict[]): void
}
