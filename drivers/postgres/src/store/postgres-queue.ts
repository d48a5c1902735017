// Which of the waiting units of work go into the next group. Units of one group know nothing of one another: the commit function checks all of them, and then
// writes all that have no conflict. So a unit that checks or writes what an earlier one writes waits for the next group, and what depends on it, too.
// Invariant: the outcome is that of one unit after the other, in the order of their calls, save that units that touch nothing in common may change places.

import type { CommitResult, CommitUnit } from 'tidings/ports'

/** A unit whose caller waits. */
export interface Waiting {
  readonly unit: CommitUnit
  readonly resolve: (result: CommitResult) => void
  readonly reject: (error: unknown) => void
  /** The rows and streams that it checks, writes not included. */
  readonly checked: readonly string[]
  /** Those that it writes. */
  readonly written: readonly string[]
  readonly bytes: number
}

/** What a unit touches, by name. */
export function touchesOf(unit: CommitUnit): Pick<Waiting, 'checked' | 'written' | 'bytes'> {
  const checked: string[] = []
  const written: string[] = []
  let bytes = 0
  for (const { table, key } of unit.checks) checked.push(`${table}\n${key}`)
  for (const { table, key, row } of unit.rows) {
    written.push(`${table}\n${key}`)
    bytes += row?.json.length ?? 0
  }
  for (const { category, stream, facts } of unit.appends) {
    const list = facts.length === 0 ? checked : written
    list.push(`${category}\n\n${stream}`)
    for (const { data } of facts) bytes += data.length
  }
  for (const { data } of unit.events) bytes += data?.length ?? 0
  return { checked, written, bytes }
}

/** How much goes into one group. */
export interface GroupLimits {
  readonly unitsMax: number
  readonly bytesMax: number
}

/** Takes the units of the next group out of the queue. The first one always goes. */
export function takeGroup(queue: Waiting[], { unitsMax, bytesMax }: GroupLimits): Waiting[] {
  const group: Waiting[] = []
  const later: Waiting[] = []
  const touched = new Set<string>()
  let isAppended = false
  let bytes = 0
  let index = 0
  for (; index < queue.length && group.length < unitsMax && later.length < unitsMax; index++) {
    const waiting = queue[index] as Waiting
    const { unit, checked, written } = waiting
    const isFirst = group.length === 0
    if (!isFirst && bytes + waiting.bytes > bytesMax) break
    const isTouched = (name: string) => touched.has(name)
    const waits = checked.some(isTouched) || written.some(isTouched) || (unit.factsHead !== undefined && isAppended)
    if (waits) {
      later.push(waiting)
      for (const name of checked) touched.add(name)
    } else {
      group.push(waiting)
      bytes += waiting.bytes
    }
    for (const name of written) touched.add(name)
    if (unit.appends.length > 0) isAppended = true
  }
  queue.splice(0, index, ...later)
  return group
}
