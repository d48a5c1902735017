// From a folder of CSV files to commands at the services' own doors: read, join, merge.
import type { Step } from '../steps/step.ts'
import { mergeSteps } from './merge-steps.ts'
import type { RejectedRow } from './read-file.ts'
import { readOrders } from './read-orders.ts'

export type { RejectedRow } from './read-file.ts'

/** An import, ready to be sent. */
export interface Import {
  /** Commands in the order in which they are to be sent. */
  readonly steps: readonly Step[]
  /** Rows that could not be read, in the order of the files and lines. */
  readonly rejected: readonly RejectedRow[]
}

/** Prepares the import of a folder; throws where a file is missing or is another file altogether. */
export async function prepareImport(folder: string): Promise<Import> {
  const read = await readOrders(folder)
  return { steps: mergeSteps(read), rejected: read.rejected }
}
