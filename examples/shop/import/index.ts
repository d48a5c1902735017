// Turns a folder of CSV files into commands to the services: read, join, merge.
import type { Step } from '../steps/step.ts'
import { mergeSteps, origin } from './merge-steps.ts'
import type { RejectedRow, RowPlace } from './read-file.ts'
import { readOrders } from './read-orders.ts'

export type { RejectedRow } from './read-file.ts'

/** An import, ready to be sent. */
export interface Import {
  /** Commands in the order in which to send them. */
  readonly steps: readonly Step[]
  /** Rows that could not be read, in the order of the files and lines. */
  readonly rejected: readonly RejectedRow[]
  /** The row that a step was made from. */
  readonly placeOf: (step: Step) => RowPlace
}

/** Prepares the import of a folder. Throws if a file is missing or has the wrong columns. */
export async function prepareImport(folder: string): Promise<Import> {
  const read = await readOrders(folder)
  const placeOf = ({ idempotencyKey, sequence }: Step): RowPlace => {
    const place = read.places.get(idempotencyKey.slice(origin.length + 1)) ?? read.places.get(`order/${sequence}`)
    if (place === undefined) throw new Error(`No row belongs to the step ${idempotencyKey}.`)
    return place
  }
  return { steps: mergeSteps(read), rejected: read.rejected, placeOf }
}
