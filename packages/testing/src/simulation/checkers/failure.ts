// Why a run failed: the promise that was broken.

/** A broken promise, and when it was found. */
export interface Failure {
  /** The checker or invariant that found it: `nothing-lost`, `invariant: no parcel without a payment`, `settles`. */
  readonly checker: string
  /** The promise, as a sentence. */
  readonly promise: string
  /** What was found instead, a sentence for each breach. */
  readonly breaches: readonly string[]
  /** The action of the schedule after which it was found, from 1; `rest`: after everything had settled. */
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
