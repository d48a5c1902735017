// How a system stands: its processes, its subscribers and how far behind they are, what they hold, and what is wrong.

import type { ControlStatus, ServiceAccount } from '@tidings/http/wire'
import { distance } from 'tidings/ports'
import type { SubscriptionStatus } from 'tidings/runtime'
import { sourceText } from '../system/source-text.ts'
import { type Column, type Row, rowsOfLines } from '../terminal/table.ts'
import { blue, bold, dim, green, red, type Text, wrapped, yellow } from '../terminal/text.ts'
import { countOf, countText, durationText } from '../terminal/time-text.ts'

/** What is drawn. */
export interface StatusDrawing {
  /** The system's name. */
  readonly name: string
  /** The folder of its data. */
  readonly data: string
  readonly processes: readonly ControlStatus[]
  /** Services that do not run, opened to look at them. */
  readonly stopped: readonly ServiceAccount[]
  /** Services that neither answered nor could be opened. */
  readonly notKnown: readonly string[]
  /** Processes that did not answer, by the names of their run files. */
  readonly notAnswering: readonly string[]
  /** The time now, in milliseconds since 1970. */
  readonly now: number
}

const columns: readonly Column[] = [
  { title: '', fit: 'cut', widthMin: 12 },
  { title: 'from', fit: 'cut', widthMin: 9 },
  { title: 'state' },
  { title: 'lag', align: 'right' },
  { title: 'stale', align: 'right' },
  { title: 'retry', align: 'right' },
  { title: 'wait', align: 'right' },
  { title: 'parked', align: 'right' },
  { title: 'blocked', align: 'right' },
]

/** Draws how a system stands, in lines of at most so many columns. */
export function drawStatus(drawing: StatusDrawing, width: number): readonly Text[] {
  const { processes, stopped, notKnown } = drawing
  const running = processes.flatMap((process) => process.services)
  const services = [...running, ...stopped]
  const heading: Row = columns.map(({ title }) => dim(title ?? ''))
  const rows = services.map((service) => service.subscriptions.map(subscriptionRow))
  const lines = rowsOfLines(
    columns.map(({ title: _title, ...column }) => column),
    [heading, ...rows.flat()],
    width - 2,
  )
  let start = 1
  const blocks = services.flatMap((service, index): readonly Text[] => {
    const own = lines.slice(start, start + (rows[index]?.length ?? 0)).flat()
    start += rows[index]?.length ?? 0
    return [
      '',
      ...wrapped(serviceHeading(service, index < running.length, drawing.now), width),
      ...own.map((line): Text => ['  ', line]),
      ...rebuilds(service),
      ...troubles(service, width),
    ]
  })
  const total = services.length + notKnown.length
  const head: Text = [
    bold(drawing.name),
    dim(`  ${running.length} of ${countOf(total, 'service')} running · ${drawing.data}`),
  ]
  return [
    ...wrapped(head, width),
    ...processLines(processes, width),
    ...(rows.flat().length === 0 ? [] : ['', ...(lines[0] ?? []).map((line): Text => ['  ', line])]),
    ...(rows.flat().length === 0 ? blocks : blocks.slice(1)),
    ...absent(notKnown, drawing.notAnswering),
  ]
}

function processLines(processes: readonly ControlStatus[], width: number): readonly Text[] {
  const rows = processes.map(
    ({ pid, http, services, startedAt }): Row => [
      dim(`pid ${pid}`),
      dim(`since ${startedAt.slice(0, 19).replace('T', ' ')}`),
      http === null ? dim('no HTTP API') : blue(http),
      processes.length === 1 ? '' : services.map(({ service }) => service).join(', '),
    ],
  )
  const durabilities = new Set(processes.map(({ durability }) => durability))
  return [
    ...[...durabilities].flatMap((text) => wrapped(dim(text), width - 2)),
    ...rowsOfLines([{}, {}, {}, { fit: 'wrap', widthMin: 12 }], rows, width - 2).flat(),
  ].map((line): Text => ['  ', line])
}

function serviceHeading(service: ServiceAccount, running: boolean, now: number): Text {
  const published = distance('', service.eventLogHead)
  const facts = distance('', service.factsHead)
  const { outbox } = service
  const depth =
    outbox === undefined
      ? ''
      : [' · ', outbox.depth > 0 ? yellow(`${countText(outbox.depth)} in the outbox`) : dim('outbox empty')]
  return [
    bold(service.service),
    running ? '' : yellow('  not running'),
    dim(`  published ${countText(published)}`),
    facts > 0 ? dim(` · ${countOf(facts, 'fact')}`) : '',
    depth,
    nextDue(service, now),
  ]
}

// The next timer or effect that waits for its time. What has come due is in a subscriber, and counted there.
function nextDue({ schedule }: ServiceAccount, now: number): Text {
  const { nextDueAt } = schedule
  if (nextDueAt === undefined) return ''
  if (nextDueAt <= now) return yellow(` · due ${durationText(now - nextDueAt)} ago`)
  return dim(` · next due in ${durationText(nextDueAt - now)}`)
}

function subscriptionRow(subscription: SubscriptionStatus): Row {
  const { subscriber, source, state, lag, stalenessMs } = subscription
  return [
    subscriber,
    dim(sourceText(source)),
    stateText(state),
    amount(lag, yellow),
    state === 'closed' ? dim('–') : staleness(subscription.kind, stalenessMs),
    amount(subscription.retrying, yellow),
    amount(subscription.waiting, yellow),
    amount(subscription.parked, red),
    amount(subscription.blocked, yellow),
  ]
}

// Only a replica is stale; other subscribers lag.
function staleness(kind: SubscriptionStatus['kind'], stalenessMs: number): Text {
  if (kind !== 'replica') return dim('–')
  return stalenessMs === 0 ? dim('0 s') : yellow(durationText(stalenessMs))
}

function stateText(state: SubscriptionStatus['state']): Text {
  if (state === 'running') return green(state)
  if (state === 'closed') return dim('–')
  return state === 'stopped' ? red(state) : yellow(state)
}

function amount(count: number, paint: (text: Text) => Text): Text {
  return count === 0 ? dim('–') : paint(countText(count))
}

function rebuilds(service: ServiceAccount): readonly Text[] {
  return service.readModels.flatMap(({ name, rebuild }): readonly Text[] => {
    if (rebuild === undefined) return []
    const percent = rebuild.total === 0 ? 0 : Math.floor((rebuild.done / rebuild.total) * 100)
    const amounts = dim(`  ${countText(rebuild.done)} of ${countText(rebuild.total)}`)
    return [['  ', yellow('↻ '), `rebuilding ${name}: ${percent} %`, amounts]]
  })
}

// Why subscriptions are paused or stopped; one reason of several sources is told once.
function troubles(service: ServiceAccount, width: number): readonly Text[] {
  const reasons = new Map<string, { error: NonNullable<SubscriptionStatus['error']>; of: string[] }>()
  for (const { error, subscriber, source } of service.subscriptions) {
    if (error === undefined) continue
    const key = `${error.code} ${error.message}`
    const reason = reasons.get(key) ?? { error, of: [] }
    reason.of.push(`${subscriber} ← ${sourceText(source)}`)
    reasons.set(key, reason)
  }
  const { error: scheduleError } = service.schedule
  const waiting: Text[] =
    scheduleError === undefined
      ? []
      : [[red(scheduleError.code), ' ', scheduleError.message, dim(' (timers and effects wait)')]]
  const lines = [...reasons.values()].flatMap(({ error, of }): readonly Text[] => [
    [red(error.code), ' ', error.message, dim(` (${of.join(', ')})`)],
    dim(error.hint),
  ])
  return [...waiting, ...lines].flatMap((line) => wrapped(line, width - 4).map((each): Text => ['    ', each]))
}

function absent(notKnown: readonly string[], notAnswering: readonly string[]): readonly Text[] {
  const lines: Text[] = []
  if (notKnown.length > 0) lines.push('', [yellow('! '), dim('Never started, or not answering: '), notKnown.join(', ')])
  if (notAnswering.length > 0)
    lines.push('', [red('✗ '), dim('Processes that do not answer: '), notAnswering.join(', ')])
  return lines
}
