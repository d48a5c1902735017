// Sends steps: those of one sequence one after the other, sequences side by side, a bounded number under way.
import type { Step } from '../steps/step.ts'

/** How steps are sent. */
export interface SendOptions {
  /** Sends one step; what it throws ends the sending. */
  readonly send: (step: Step) => Promise<void>
  /** The most steps under way or waiting for their sequence. Default: 256. */
  readonly stepsMax?: number
  /** Ends the sending after what is under way. */
  readonly signal?: AbortSignal
}

/** Sends steps; resolves when all that were begun are answered, rejects with the first that failed. */
export async function sendSteps(steps: Iterable<Step> | AsyncIterable<Step>, options: SendOptions): Promise<void> {
  const { send, stepsMax = 256, signal } = options
  const sequences = new Map<string, Promise<void>>()
  let underWay = 0
  let failure: { readonly error: unknown } | undefined
  let roomIsThere = () => {}

  const begin = (step: Step) => {
    underWay++
    const before = sequences.get(step.sequence) ?? Promise.resolve()
    const sent = before
      .then(() => (failure === undefined ? send(step) : undefined))
      .catch((error: unknown) => {
        failure ??= { error }
      })
      .finally(() => {
        underWay--
        if (sequences.get(step.sequence) === sent) sequences.delete(step.sequence)
        roomIsThere()
      })
    sequences.set(step.sequence, sent)
  }

  for await (const step of steps) {
    while (underWay >= stepsMax) {
      await new Promise<void>((resolve) => {
        roomIsThere = resolve
      })
    }
    if (failure !== undefined || signal?.aborted === true) break
    begin(step)
  }
  await Promise.all(sequences.values())
  if (failure !== undefined) throw failure.error
}
