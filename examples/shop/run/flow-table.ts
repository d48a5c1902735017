// One line for each second: commands, events by service, unhandled events and deferred events. 80 columns wide.
import type { ServiceStatus } from 'tidings/runtime'
import { deferredOf, lagOf, publishedBy } from './shop-status.ts'
import { count, paint } from './terminal.ts'

/** The state of the shop at one moment. */
export interface Snapshot {
  /** The time, in milliseconds of a monotonic clock. */
  readonly at: number
  /** Commands answered since the start. */
  readonly commands: number
  /** The status of each service that answered. */
  readonly services: readonly ServiceStatus[]
}

/** The columns of events, by the service that publishes them; `insights` publishes nothing and has no column. */
const columns = ['customers', 'orders', 'payments', 'shipping', 'reviews', 'support'] as const

const widths = { time: 5, commands: 9, lag: 6, deferred: 9 }

/** The head of the table. */
export function flowHead(): string {
  const cells = [
    'time'.padStart(widths.time),
    'commands'.padStart(widths.commands),
    ...columns.map((name) => name.padStart(widthOf(name))),
    'lag'.padStart(widths.lag),
    'deferred'.padStart(widths.deferred),
  ]
  return paint('bold', cells.join(''))
}

/** A line of the table: rates per second between two snapshots. */
export function flowLine(startedAt: number, before: Snapshot, now: Snapshot): string {
  const seconds = Math.max(0.001, (now.at - before.at) / 1_000)
  const [earlier, later] = [publishedBy(before.services), publishedBy(now.services)]
  const answering = new Set(now.services.map(({ service }) => service))
  const lag = lagOf(now.services)
  const deferred = deferredOf(now.services)
  const cells = [
    clock(now.at - startedAt).padStart(widths.time),
    count((now.commands - before.commands) / seconds).padStart(widths.commands),
    ...columns.map((name) => {
      const width = widthOf(name)
      if (!answering.has(name)) return paint('red', 'down'.padStart(width))
      const events = Math.max(0, (later.get(name) ?? 0) - (earlier.get(name) ?? later.get(name) ?? 0)) / seconds
      return events === 0 ? paint('dim', '·'.padStart(width)) : paint('green', count(events).padStart(width))
    }),
    paint(lag > 1_000 ? 'yellow' : 'reset', count(lag).padStart(widths.lag)),
    paint(deferred > 0 ? 'yellow' : 'reset', count(deferred).padStart(widths.deferred)),
  ]
  if (!answering.has('insights')) cells.push(`\n${paint('red', 'insights is down'.padStart(80))}`)
  return cells.join('')
}

const widthOf = (name: string): number => Math.max(7, name.length + 1)

function clock(ms: number): string {
  const seconds = Math.round(ms / 1_000)
  return `${String(Math.floor(seconds / 60)).padStart(2, '0')}:${String(seconds % 60).padStart(2, '0')}`
}
