// Comparing rows as users see them: by key and value, whatever their order.

import { showValue } from '../../expectations/index.ts'
import type { SeenRow } from './evidence.ts'

/** What is different about the rows that were found, as the rest of a sentence; `undefined` where nothing is. */
export function firstDifference(found: readonly SeenRow[], expected: readonly SeenRow[]): string | undefined {
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
