// The public form of a row: decoded, shown, validated against the contract, and written as text, once for all who read it.
// Invariant: a row that cannot be shown is hidden and logged; the other rows can still be read.

import { toJson, validate } from '../../contracts/index.ts'
import type { StoredRow } from '../../ports/index.ts'
import type { LiveDeclaration } from '../../services/index.ts'
import type { ServiceCore } from '../core/service-core.ts'
import { summarizeError } from '../failures/error-summary.ts'
import { type BoundTable, decode } from '../tables/bind-tables.ts'
import type { ShownRow } from './live-item.ts'

/** The public form of a row; `undefined` if it is hidden or cannot be shown. */
export function showRow(
  { log, service }: ServiceCore,
  { live, show }: LiveDeclaration,
  table: BoundTable,
  stored: Pick<StoredRow, 'key' | 'schemaVersion' | 'json'>,
): ShownRow | undefined {
  try {
    const data = decode(table, stored)
    const shown = show === undefined ? data : show(data)
    if (shown === undefined) return undefined
    const what = `A row of live query ${live.name}`
    const row = validate(what, live.row, shown)
    const { key } = stored
    return { key, row, json: `{"key":${JSON.stringify(key)},"row":${toJson(what, row, service.limits)}}` }
  } catch (error) {
    const { code, message, stack } = summarizeError(error)
    log.error('A row of a live query cannot be shown and is hidden', {
      liveQuery: live.name,
      code,
      error: message,
      stack,
    })
    return undefined
  }
}
