// The status of a system as text: its processes, and for each subscription its state, lag, deferred events and error.

import type { ControlStatus, ServiceAccount } from '@tidings/http/wire'
import { strayStore } from '@tidings/node'
import { distance } from 'tidings/ports'
import type { SubscriptionStatus } from 'tidings/runtime'
import type { SilentProcess } from '../system/operator.ts'
import type { Complete } from '../system/printed-commands.ts'
import { sourceText } from '../system/source-text.ts'
import type { UnopenedService } from '../system/stopped-services.ts'
import { type Column, type Row, rowsOfLines } from '../terminal/table.ts'
import { blue, bold, dim, green, red, type Text, wrapped, yellow } from '../terminal/text.ts'
import { agoText, countOf, countText, durationText } from '../terminal/time-text.ts'

/** The status to draw. */
export interface StatusDrawing {
  /** The name of the system. */
  readonly name: string
  /** The data folder. */
  readonly data: string
  readonly processes: readonly ControlStatus[]
  /** Services that do not run and were opened to read their status. */
  readonly stopped: readonly ServiceAccount[]
  /** Services that neither answered nor could be opened. */
  readonly unavailable: readonly string[]
  /** Why the stores of some of those could not be opened. */
  readonly unopened: readonly UnopenedService[]
  /** Stores that belong to no service. */
  readonly strays: readonly string[]
  /** The processes that did not answer. */
  readonly silent: readonly SilentProcess[]
  /** Sentences about declarations that do not fit together, such as an event that no service publishes. */
  readonly problems: readonly string[]
  /** The time now, in milliseconds since 1970. */
  readonly now: number
  /** Completes the commands in backquotes of a text. */
  readonly complete: Complete
}

const columns: readonly Column[] = [
  { title: 'subscriber', fit: 'cut', widthMin: 12 },
  { title: 'from', fit: 'cut', widthMin: 9 },
  { title: 'state', fit: 'cut', widthMin: 14 },
  { title: 'lag', align: 'right' },
  { title: 'stale', align: 'right' },
  { title: 'retry', align: 'right' },
  { title: 'wait', align: 'right' },
  { title: 'parked', align: 'right' },
  { title: 'blocked', align: 'right' },
]

/** A retry that has just begun is not worth a line. */
const slowMs = 1_000

/** From this width on, the gaps between columns of numbers are two wide; below it, one. */
const widthForGaps = 90

/** Draws the status of a system in lines of at most `width` columns. */
export function drawStatus(drawing: StatusDrawing, width: number): readonly Text[] {
  const { processes, stopped, unavailable } = drawing
  const running = processes.flatMap((process) => process.services)
  const services = [...running, ...stopped]
  const heading: Row = columns.map(({ title }) => dim(title ?? ''))
  const rows = services.map((service) => service.subscriptions.map(subscriptionRow))
  const lines = rowsOfLines(
    columns.map(({ title: _title, ...column }) => ({
      ...column,
      gap: column.align === 'right' && width < widthForGaps ? 1 : 2,
    })),
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
      ...damage(service, drawing.complete, width),
      ...blockedRun(service, width),
      ...problems(service, drawing.complete, width),
      ...slowHandlers(service, drawing.now, width),
      ...versions(service, drawing.complete, width),
    ]
  })
  // Several instances of a service are one service that runs.
  const namesOf = (accounts: readonly ServiceAccount[]) => new Set(accounts.map(({ service }) => service)).size
  const total = namesOf(services) + unavailable.length
  const head: Text = [
    bold(drawing.name),
    dim(`  ${namesOf(running)} of ${countOf(total, 'service')} running · ${drawing.data}`),
  ]
  return [
    ...wrapped(head, width),
    ...processLines(processes, width),
    ...(rows.flat().length === 0 ? [] : ['', ...(lines[0] ?? []).map((line): Text => ['  ', line])]),
    ...(rows.flat().length === 0 ? blocks : blocks.slice(1)),
    ...unopenedRows(drawing, width),
    ...missing(drawing, width),
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
  const { instance } = service
  return [
    bold(service.service),
    running ? '' : yellow('  not running'),
    instance === undefined ? '' : ['  ', blue(instance.name)],
    dim(`  published ${countOf(published, 'event')}`),
    facts > 0 ? dim(` · ${countOf(facts, 'fact')}`) : '',
    outboxText(service),
    nextDue(service, now),
    refused(service),
  ]
}

// What the relay has still to send; if it runs in another instance, where.
function outboxText({ outbox, instance }: ServiceAccount): Text {
  if (outbox !== undefined)
    return [' · ', outbox.depth > 0 ? yellow(`${countText(outbox.depth)} in the outbox`) : dim('outbox empty')]
  if (instance?.relayedBy === undefined) return ''
  return instance.relayedBy === null ? yellow(' · no instance relays') : dim(` · relayed by ${instance.relayedBy}`)
}

// The next timer or effect that is not due yet. Those that are due are counted with the subscription that handles them.
function nextDue({ schedule }: ServiceAccount, now: number): Text {
  const { nextDueAt } = schedule
  if (nextDueAt === undefined) return ''
  if (nextDueAt <= now) return yellow(` · due ${agoText(now - nextDueAt)}`)
  return dim(` · next due in ${durationText(nextDueAt - now)}`)
}

// Commands and queries that were refused because more came than could be handled.
function refused({ load }: ServiceAccount): Text {
  return load === undefined || load.refused === 0 ? '' : yellow(` · ${countOf(load.refused, 'request')} refused`)
}

function subscriptionRow(subscription: SubscriptionStatus): Row {
  const { subscriber, source, state, lag, isHeadKnown = true } = subscription
  return [
    subscriber,
    dim(sourceText(source)),
    stateText(subscription),
    isHeadKnown ? amount(lag, yellow) : yellow('?'),
    state === 'closed' ? dim('–') : staleness(subscription),
    amount(subscription.retrying, yellow),
    amount(subscription.waiting, yellow),
    amount(subscription.parked, red),
    amount(subscription.blocked, yellow),
  ]
}

// Only replicas are stale; other subscribers lag.
function staleness({ kind, state, lag, stalenessMs, isHeadKnown = true }: SubscriptionStatus): Text {
  if (kind !== 'replica') return dim('–')
  // For how long it has lagged, only the instance that runs it knows.
  if (state === 'elsewhere') return isHeadKnown && lag === 0 ? dim('0 s') : yellow('?')
  return stalenessMs === 0 ? dim('0 s') : yellow(durationText(stalenessMs))
}

function stateText({ state, holder }: SubscriptionStatus): Text {
  if (state === 'running') return green(state)
  if (state === 'closed') return dim('–')
  if (state === 'elsewhere') return holder === undefined ? yellow('no instance') : [dim('on '), holder]
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

function damage({ service, damage: met }: ServiceAccount, complete: Complete, width: number): readonly Text[] {
  if (met === undefined) return []
  const lines: readonly Text[] = [
    [red('CORRUPT_DATA'), ' ', met.message],
    dim(complete(`${met.hint} \`tidings check ${service}\` names everything that is damaged.`)),
  ]
  return indented(lines, width)
}

// Why subscriptions are paused or stopped; a reason that several of them share is printed once.
function problems(service: ServiceAccount, complete: Complete, width: number): readonly Text[] {
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
    dim(complete(error.hint)),
  ])
  return indented([...instanceProblems(service, complete), ...waiting, ...lines, ...outdated(service)], width)
}

// Why an instance does no work by itself, and what it could not begin.
function instanceProblems({ instance }: ServiceAccount, complete: Complete): readonly Text[] {
  const { error, notBegun = [] } = instance ?? {}
  const own: readonly Text[] =
    error === undefined
      ? []
      : [
          [
            red(error.code),
            ' ',
            error.message,
            dim(' (it does no work by itself, and what it says of others may be old)'),
          ],
          dim(complete(error.hint)),
        ]
  return [
    ...own,
    ...notBegun.flatMap(({ code, message, hint, group }): readonly Text[] => [
      [red(code), ' ', message, dim(` (${group})`)],
      dim(complete(hint)),
    ]),
  ]
}

// Events that only newer code of the service handles.
function outdated({ subscriptions }: ServiceAccount): readonly Text[] {
  return subscriptions.flatMap(({ subscriber, source, waitingForNewerCode = 0 }): readonly Text[] => {
    if (waitingForNewerCode === 0) return []
    const wait = waitingForNewerCode === 1 ? 'waits' : 'wait'
    const line = `${countOf(waitingForNewerCode, 'event')} ${wait} for newer code of the service`
    return [[yellow('! '), line, dim(` (${subscriber} ← ${sourceText(source)})`)]]
  })
}

// How its host ended the previous run, because its main thread was blocked.
function blockedRun({ blockedRun: run, service }: ServiceAccount, width: number): readonly Text[] {
  if (run === undefined) return []
  const { work, where, blockedMs } = run
  const of = work?.service === service ? '' : ` of ${work?.service}`
  const what = work === undefined ? 'something' : `${work.kind === 'delivery' ? '' : `${work.kind} `}${work.name}${of}`
  const by = work?.subscriber === undefined ? '' : ` in ${work.subscriber}`
  const place = where === undefined ? '' : dim(` (${where})`)
  const line: Text = [
    yellow('! '),
    `its last run was ended: ${what}${by} blocked it for ${durationText(blockedMs)}`,
    place,
  ]
  return indented([line], width)
}

function silentText({ services, pid, startedAt, state, blockedMs, blockedMsMax }: SilentProcess): string {
  const process = `Process ${pid} of ${services.join(', ')}, since ${startedAt.slice(0, 19).replace('T', ' ')}, does not answer`
  if (state === 'disk') return `${process}: it waits for a disk, and goes on by itself when the disk does.`
  if (state === 'stopped') return `${process}: it is stopped. \`kill -CONT ${pid}\` lets it go on.`
  if (blockedMs === undefined || blockedMsMax === undefined) return `${process}.`
  const ends = `its watchdog ends it after ${durationText(blockedMsMax)}`
  return `${process}: its main thread has been blocked for ${durationText(blockedMs)}; ${ends}.`
}

// The handler of each subscription that has run longest, once it is slow.
function slowHandlers({ subscriptions }: ServiceAccount, now: number, width: number): readonly Text[] {
  return subscriptions.flatMap(({ subscriber, source, running, slowest }): readonly Text[] => {
    if (slowest === undefined || now - slowest.since < slowMs) return []
    const { type, key, id, since } = slowest
    const others = running > 1 ? ` and ${countOf(running - 1, 'more handler')}` : ''
    const line: Text = [
      yellow('● '),
      `${type} of ${key} runs for ${durationText(now - since)}${others}`,
      dim(` (${subscriber} ← ${sourceText(source)}, ${id})`),
    ]
    return indented([line], width)
  })
}

// Versions that were edited after data were stored under them, and those whose edits nobody would notice.
function versions({ service, versions: known }: ServiceAccount, complete: Complete, width: number): readonly Text[] {
  if (known === undefined) return []
  const edited = known.edited.map(
    ({ what, version, member, change }): Text => [
      yellow('! '),
      `${what} version ${version} was edited: ${member || 'it'} ${change}`,
    ],
  )
  const undo = `Undo the edit, or run \`tidings accept-versions ${service}\`.`
  const next = edited.length === 0 ? [] : [dim(complete(undo))]
  const { notChecked } = known
  const blind = notChecked.length === 0 ? [] : [dim(`not checked for edits: ${notChecked.join(', ')}`)]
  return indented([...edited, ...next, ...blind], width)
}

// The row of a service whose store could not be opened: what is known of it is the reason.
function unopenedRows({ unopened, complete }: StatusDrawing, width: number): readonly Text[] {
  return unopened.flatMap(({ service, code, message, hint }): readonly Text[] => [
    '',
    ...wrapped([bold(service), yellow('  not running')], width),
    ...indented([[red(code), ' ', message], dim(complete(hint))], width),
  ])
}

function missing({ silent, problems, strays, ...others }: StatusDrawing, width: number): readonly Text[] {
  const explained = new Set(others.unopened.map(({ service }) => service))
  const unavailable = others.unavailable.filter((name) => !explained.has(name))
  const names = (sign: Text, what: string, list: readonly string[]): readonly Text[] =>
    list.length === 0
      ? []
      : [
          '',
          ...wrapped([dim(what), list.join(', ')], width - 2).map((line, index) => [index === 0 ? sign : '  ', line]),
        ]
  return [
    ...names(yellow('! '), 'Never started, or not answering: ', unavailable),
    ...silent.flatMap((process) => names(red('✗ '), '', [silentText(process)])),
    ...problems.flatMap((problem) => names(yellow('! '), '', [problem])),
    ...strays.map(strayStore).flatMap(({ what, hint }) => names(yellow('! '), '', [`${what}. ${hint}`])),
  ]
}

// What belongs to a service, under its name.
function indented(lines: readonly Text[], width: number): readonly Text[] {
  return lines.flatMap((line) => wrapped(line, width - 4).map((each): Text => ['    ', each]))
}
