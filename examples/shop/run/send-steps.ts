// Sends steps: one after the other within a sequence, several sequences at the same time, a limited number in progress.
import type { Step } from '../steps/step.ts'

/** Options of sending. */
export interface SendOptions {
  /** Sends one step; an error ends the sending. */
  readonly send: (step: Step) => Promise<void>
  /** The most steps in progress or waiting for their sequence. Default: 256. */
  readonly stepsMax?: number
  /** Ends the sending after the steps in progress. */
  readonly signal?: AbortSignal
}

/** Sends steps; resolves when all that were begun are answered, rejects with the first failure. */
export async function sendSteps(steps: Iterable<Step> | AsyncIterable<Step>, options: SendOptions): Promise<void> {
  const { send, stepsMax = 256, signal } = options
  const sequences = new Map<string, Promise<void>>()
  let inProgress = 0
  let failure: { readonly error: unknown } | undefined
  let continueSending = () => {}

  const begin = (step: Step) => {
    inProgress++
    const before = sequences.get(step.sequence) ?? Promise.resolve()
    const sent = before
      .then(() => (failure === undefined ? send(step) : undefined))
      .catch((error: unknown) => {
        failure ??= { error }
      })
      .finally(() => {
        inProgress--
        if (sequences.get(step.sequence) === sent) sequences.delete(step.sequence)
        continueSending()
      })
    sequences.set(step.sequence, sent)
  }

  for await (const step of steps) {
    while (inProgress >= stepsMax) {
      await new Promise<void>((resolve) => {
        continueSending = resolve
      })
    }
    if (failure !== undefined || signal?.aborted === true) break
    begin(step)
  }
  await Promise.all(sequences.values())
  if (failure !== undefined) throw failure.error
}
