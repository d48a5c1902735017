// How many commands, queries and live queries of a system a caller can reach, for `tidings start` and `tidings dev`.

import type { Service } from 'tidings'
import { systemMap } from 'tidings/operations'
import { countOf } from '../terminal/time-text.ts'

/** Counts by kind. */
export interface Counts {
  readonly commands: number
  readonly queries: number
  readonly liveQueries: number
}

/** How many have an endpoint, and how many are internal. */
export interface ExposureCounts {
  readonly exposed: Counts
  readonly internal: Counts
}

/** Counts what is exposed. */
export function exposureCounts(services: readonly Service[]): ExposureCounts {
  const mapped = systemMap(services).services
  const count = (kind: keyof Counts, exposed: boolean) =>
    mapped.reduce((sum, each) => sum + (exposed ? each.exposed[kind] : each[kind]).length, 0)
  const exposed = {
    commands: count('commands', true),
    queries: count('queries', true),
    liveQueries: count('liveQueries', true),
  }
  const internal = {
    commands: count('commands', false) - exposed.commands,
    queries: count('queries', false) - exposed.queries,
    liveQueries: count('liveQueries', false) - exposed.liveQueries,
  }
  return { exposed, internal }
}

/** One line: `2 commands, 1 query; 1 command is internal`. */
export function exposureText({ exposed, internal }: ExposureCounts): string {
  const internalText = countsText(internal)
  const one = internal.commands + internal.queries + internal.liveQueries === 1
  const rest = internalText === '' ? '' : `${internalText} ${one ? 'is' : 'are'} internal`
  const reached = countsText(exposed)
  if (reached === '') return rest === '' ? 'none' : `none; ${rest} (\`expose: true\` gives it an endpoint)`
  return rest === '' ? reached : `${reached}; ${rest}`
}

function countsText({ commands, queries, liveQueries }: Counts): string {
  const parts = [
    ...(commands === 0 ? [] : [countOf(commands, 'command')]),
    ...(queries === 0 ? [] : [countOf(queries, 'query', 'queries')]),
    ...(liveQueries === 0 ? [] : [countOf(liveQueries, 'live query', 'live queries')]),
  ]
  return parts.join(', ')
}
