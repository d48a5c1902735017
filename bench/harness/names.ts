// The names of the contenders, as people read them.

import type { ContenderName } from '../work.ts'

const names: Readonly<Record<ContenderName, string>> = {
  tidings: 'Tidings',
  yardstick: 'by hand',
  emmett: 'Emmett',
  emmettTuned: 'Emmett tuned',
}

/** The name of a contender. */
export const namesOf = (name: ContenderName): string => names[name]
