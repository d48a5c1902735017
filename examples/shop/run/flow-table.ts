// A line a second of what flows: commands, events by service, what is still to be heard and what is held. 80 columns wide.
import type { ServiceStatus } from 'tidings/runtime'
import { deferredOf, lagOf, publishedBy } from './standing.ts'
import { count, paint } from './terminal.ts'

/** One look at the shop. */
export interface Look {
  /** When, in milliseconds of a clock that only goes forward. */
  readonly at: number
  /** Commands that were answered since the start. */
  readonly commands: number
  /** How the services stand that answered. */
  readonly services: readonly ServiceStatus[]
}

/** The columns of events, by the service that publishes them; `insights` publishes nothing and has none. */
const columns = ['customers', 'orders', 'payments', 'shipping', 'reviews', 'support'] as const

const widths = { time: 5, commands: 12, lag: 6, held: 5 }

/** The head of the table. */
export function flowHead(): string {
  const cells = [
    'time'.padStart(widths.time),
    'commands/s'.padStart(widths.commands),
    ...columns.map((name) => name.padStart(widthOf(name))),
    'lag'.padStart(widths.lag),
    'held'.padStart(widths.held),
  ]
  return paint('bold', cells.join(''))
}

/** A line of the table: what has happened between two looks. */
export function flowLine(startedAt: number, before: Look, now: Look): string {
  const seconds = Math.max(0.001, (now.at - before.at) / 1_000)
  const [earlier, later] = [publishedBy(before.services), publishedBy(now.services)]
  const answering = new Set(now.services.map(({ service }) => service))
  const lag = lagOf(now.services)
  const held = deferredOf(now.services)
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
    paint(held > 0 ? 'yellow' : 'reset', count(held).padStart(widths.held)),
  ]
  if (!answering.has('insights')) cells.push(`\n${paint('red', 'insights is down'.padStart(80))}`)
  return cells.join('')
}

const widthOf = (name: string): number => Math.max(7, name.length + 1)

function clock(ms: number): string {
  const seconds = Math.round(ms / 1_000)
  return `${String(Math.floor(seconds / 60)).padStart(2, '0')}:${String(seconds % 60).padStart(2, '0')}`
}
