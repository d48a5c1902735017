// What passes between a service and the world, and the named points at which it can crash there.
// Invariant: a point is told from what passes through the ports alone, so no engine and no service has to know that it is simulated.

import type { CommitUnit } from 'tidings/ports'
import type { Life } from '../../world/life.ts'

/** The points at which a service can crash, before and after each. */
export const crashPoints = [
  'handler',
  'state-write',
  'outbox-insert',
  'commit',
  'publish',
  'publish-ack',
  'mark-sent',
  'checkpoint',
  'timer-claim',
  'lookup',
] as const

/** A point at which a service can crash. */
export type CrashPointName = (typeof crashPoints)[number]

/** Which side of a point. */
export type Moment = 'before' | 'after'

/** Something that passes between a service and the world. */
export interface Passage {
  readonly service: string
  /** The run it belongs to. */
  readonly life: Life
  /** What is called: `commit`, `read`, `publish`, `handler`. */
  readonly call: 'commit' | 'store' | 'read' | 'publish' | 'published' | 'broker' | 'lookup' | 'handler'
  /** The crash points before this passage, and those behind it. */
  readonly before: readonly CrashPointName[]
  readonly after: readonly CrashPointName[]
  /** What is committed. */
  readonly unit?: CommitUnit
  /** The source that is read, the handler that runs. */
  readonly name?: string
  /** The key that a handler runs for. */
  readonly key?: string
}

const progressTable = 'tidings.progress'
const agendaTable = 'tidings.agenda'
const queuesTable = 'tidings.queues'

/** The points that a commit is at. */
export function pointsOfCommit({ rows, appends, events }: CommitUnit): readonly CrashPointName[] {
  const points: CrashPointName[] = ['commit']
  const writes = (table: string) => rows.some((row) => row.table === table && row.row !== null)
  if (appends.some(({ facts }) => facts.length > 0) || rows.some(({ table }) => !table.startsWith('tidings.')))
    points.push('state-write')
  if (events.length > 0) points.push('outbox-insert')
  if (writes(progressTable)) points.push('checkpoint')
  if (writes(agendaTable) && writes(queuesTable)) points.push('timer-claim')
  return points
}
