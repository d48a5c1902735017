// The groups that an instance could not begin: why, and until when it leaves them to others.
// Invariant: a reason is logged once, until the group has begun or fails for another one.

import type { ServiceCore } from '../core/service-core.ts'
import { type ErrorSummary, summarizeError } from '../failures/error-summary.ts'

/** Why an instance cannot do something. */
export type InstanceFailure = Omit<ErrorSummary, 'stack'>

/** A failure without the place where it was thrown. */
export function failureOf({ code, message, hint }: ErrorSummary): InstanceFailure {
  return { code, message, hint }
}

/** The groups that could not begin. */
export class NotBegun {
  readonly #core: ServiceCore
  readonly #groups = new Map<string, { readonly failure: InstanceFailure; readonly until: number }>()

  constructor(core: ServiceCore) {
    this.#core = core
  }

  /** Each with its reason. */
  get all(): readonly (InstanceFailure & { readonly group: string })[] {
    return [...this.#groups].map(([group, { failure }]) => ({ group, ...failure }))
  }

  /** Whether a group is left to others for now. */
  isLeft(group: string): boolean {
    return (this.#groups.get(group)?.until ?? 0) > this.#core.environment.clock.monotonicMs()
  }

  note(group: string, thrown: unknown): void {
    const { environment, log, service } = this.#core
    const failure = failureOf(summarizeError(thrown))
    const { code, message: error, hint } = failure
    const next = 'npx tidings status'
    if (this.#groups.get(group)?.failure.message !== error)
      log.error('This instance could not begin a part of its work', { group, code, error, hint, next })
    this.#groups.set(group, { failure, until: environment.clock.monotonicMs() + service.limits.leaseMs })
  }

  /** It has begun. */
  forget(group: string): void {
    this.#groups.delete(group)
  }
}
