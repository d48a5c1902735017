// Compares rows as users see them: by key and value, in any order.

import { showValue } from '../../expectations/index.ts'
import type { RowEvidence } from './evidence.ts'

/** The first difference of the rows that were found, as the end of a sentence; `undefined` if there is none. */
export function firstDifference(found: readonly RowEvidence[], expected: readonly RowEvidence[]): string | undefined {
  const rows = new Map(found.map(({ key, row }) => [key, showValue(row)]))
  for (const { key, row } of expected) {
    const got = rows.get(key)
    const wanted = showValue(row)
    if (got === undefined) return `has no row ${key}; it should be ${oneLine(wanted)}.`
    if (got !== wanted) return `holds ${oneLine(got)} under ${key}; it should be ${oneLine(wanted)}.`
    rows.delete(key)
  }
  const [extra] = rows
  return extra === undefined ? undefined : `holds ${oneLine(extra[1])} under ${extra[0]}, which should not be there.`
}

const lengthMax = 300

function oneLine(text: string): string {
  const line = text.replace(/\s+/g, ' ')
  return line.length <= lengthMax ? line : `${line.slice(0, lengthMax - 1)}…`
}
