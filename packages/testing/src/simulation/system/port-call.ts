// A call between a service and its ports (or of one of its functions), and the named points at which the service can crash there.
// Invariant: points are recognised by the calls alone, so neither engines nor services have to know that they are simulated.

import type { CommitUnit } from 'tidings/ports'
import type { RunLifetime } from '../../world/run-lifetime.ts'

/** The points before and after which a simulated service can crash. */
export const simulationCrashPoints = [
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

/** A point before or after which a simulated service can crash. */
export type SimulationCrashPoint = (typeof simulationCrashPoints)[number]

/** A call between a service and its ports, or of one of its functions. */
export interface PortCall {
  readonly service: string
  /** The run it belongs to. */
  readonly lifetime: RunLifetime
  /** What is called: `commit`, `read`, `publish`, `handler`. */
  readonly call: 'commit' | 'store' | 'read' | 'publish' | 'published' | 'broker' | 'lookup' | 'handler'
  /** The crash points that lie before and after this call. */
  readonly before: readonly SimulationCrashPoint[]
  readonly after: readonly SimulationCrashPoint[]
  /** What is committed. */
  readonly unit?: CommitUnit
  /** The source that is read, or the function that runs. */
  readonly name?: string
  /** The key that the function runs for. */
  readonly key?: string
}

const progressTable = 'tidings.progress'
const scheduleTable = 'tidings.agenda'
const queuesTable = 'tidings.queues'

/** The crash points that a commit reaches. */
export function pointsOfCommit({ rows, appends, events }: CommitUnit): readonly SimulationCrashPoint[] {
  const points: SimulationCrashPoint[] = ['commit']
  const writes = (table: string) => rows.some((row) => row.table === table && row.row !== null)
  if (appends.some(({ facts }) => facts.length > 0) || rows.some(({ table }) => !table.startsWith('tidings.')))
    points.push('state-write')
  if (events.length > 0) points.push('outbox-insert')
  if (writes(progressTable)) points.push('checkpoint')
  const removes = (table: string) => rows.some((row) => row.table === table && row.row === null)
  // What is due leaves the schedule when it is moved into its queue, or when it is handled directly.
  if (removes(scheduleTable) || (writes(scheduleTable) && writes(queuesTable))) points.push('timer-claim')
  return points
}
