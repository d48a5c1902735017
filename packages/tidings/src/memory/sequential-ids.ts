// Ids that count up, so that the same run creates the same ids.

import { invariant } from '../errors/index.ts'
import type { Ids } from '../ports/index.ts'

const grammar = /^[A-Za-z0-9-]{1,51}$/

/**
 * Creates ids `<prefix>-000000000001`, `<prefix>-000000000002`, …, which sort by code units.
 *
 * @param prefix - 1 to 51 characters of [A-Za-z0-9-]. Default: `id`.
 */
export function createSequentialIds(prefix = 'id'): Ids {
  invariant(grammar.test(prefix), `${JSON.stringify(prefix)} can begin an id`)
  let last = 0
  return {
    next: () => {
      last += 1
      return `${prefix}-${String(last).padStart(12, '0')}`
    },
  }
}
