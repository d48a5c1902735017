// The time for which an instance holds a group. Invariant: once it has ended, nothing commits in its name, and its signal has fired.

import { TidingsError } from '../../errors/index.ts'
import type { CommitConflict, RowCheck } from '../../ports/index.ts'
import type { Fence } from '../core/fence.ts'
import { sharedTables } from '../unit-of-work/system-tables.ts'

/** How a tenure begins. */
export interface TenureOptions {
  readonly holder: string
  readonly isAfterDeath: boolean
  readonly others: readonly string[]
  /** Whether the instance may believe that it still holds its leases. */
  readonly isInTime: () => boolean
}

/** The tenure of a group. */
export class Tenure implements Fence {
  readonly group: string
  readonly holder: string
  /** The revision of the lease's row. */
  readonly generation: number
  /** Whether the instance that held it before has died, or was fenced out: what it was handling may have killed it. */
  readonly isAfterDeath: boolean
  readonly others: readonly string[]
  readonly #isInTime: () => boolean
  readonly #ended = new AbortController()
  #onLost: () => void = () => {}

  constructor(group: string, generation: number, { holder, isAfterDeath, others, isInTime }: TenureOptions) {
    this.group = group
    this.generation = generation
    this.holder = holder
    this.isAfterDeath = isAfterDeath
    this.others = others
    this.#isInTime = isInTime
  }

  get check(): RowCheck {
    return { table: sharedTables.leases, key: this.group, revision: this.generation }
  }

  get signal(): AbortSignal {
    return this.#ended.signal
  }

  assertHeld(): void {
    if (this.signal.aborted || !this.#isInTime()) throw this.#lostError()
  }

  notice(conflicts: readonly CommitConflict[]): void {
    const isLost = conflicts.some(
      (conflict) => conflict.kind === 'row' && conflict.table === sharedTables.leases && conflict.key === this.group,
    )
    if (!isLost) return
    this.lose()
    throw this.#lostError()
  }

  /** Calls `onLost` when it is lost. */
  whenLost(onLost: () => void): void {
    this.#onLost = onLost
  }

  /** Another instance has the group now, or may have it. */
  lose(): void {
    if (this.signal.aborted) return
    this.end()
    this.#onLost()
  }

  /** It was given back. */
  end(): void {
    this.#ended.abort(this.#lostError())
  }

  #lostError(): TidingsError {
    return new TidingsError('LEASE_LOST', `This instance no longer holds ${this.group}.`)
  }
}
