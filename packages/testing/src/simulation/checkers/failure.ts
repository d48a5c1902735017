// Why a run has failed.

/** A broken promise, and when it was noticed. */
export interface Failure {
  /** The checker or invariant that noticed: `nothing-lost`, `invariant: no parcel without a payment`, `settles`. */
  readonly checker: string
  /** What is promised, in a sentence. */
  readonly promise: string
  /** What was seen instead, a sentence for each breach. */
  readonly breaches: readonly string[]
  /** After which action of the schedule it was noticed, from 1; `rest`: when everything had settled. */
  readonly step: number | 'rest'
}

/** Ends a run that has failed. */
export class RunFailed extends Error {
  override readonly name = 'RunFailed'
  readonly failure: Failure

  constructor(failure: Failure) {
    super(`${failure.promise} ${failure.breaches[0] ?? ''}`)
    this.failure = failure
  }
}
