// `tidings dead`: deferred events and dead letters as a list, one in full, and the redrive that handles them again in order.

import type { DeferredDelivery, DeferredSelection } from 'tidings/operations'
import {
  type DeferredContent,
  drawDead,
  drawDeferred,
  drawKept,
  drawRedrives,
  groupByError,
  redriveCounts,
} from '../dead-letters/draw-dead-letters.ts'
import type { CommandInvocation, SystemOptions } from '../invocation.ts'
import { eventJson } from '../system/event-json.ts'
import { type Operator, operate } from '../system/operator.ts'
import { effectsOf, timersOf } from '../system/pending.ts'
import { deferredWord } from '../system/source-text.ts'
import { bold, dim, green } from '../terminal/text.ts'
import { CommandFailure } from '../usage/command-failure.ts'
import { noteUnavailable } from './not-running.ts'

/** The options. */
export interface SelectionOptions extends SystemOptions, DeferredSelection {
  readonly service?: string
}

/** Lists dead letters, grouped by error. */
export async function listDead(
  invocation: CommandInvocation,
  options: SelectionOptions & { all?: boolean },
): Promise<void> {
  await operate(invocation, options, async (operator) => {
    const { terminal, complete } = invocation
    const deferred = await operator.deferred(selectionOf(options))
    const groups = groupByError(options.all === true ? deferred : deadOnly(deferred))
    if (options.json === true) terminal.json({ groups, unavailable: operator.unavailable })
    else if (groups.length > 0 || operator.unavailable.length < operator.services.length) {
      terminal.lines(drawDead(groups, { all: options.all === true, now: Date.now(), width: terminal.width, complete }))
      noteUnavailable(terminal, operator, 'Their dead letters are not listed.')
    }
    refuseNothingRead(operator)
  })
}

// That nothing was found says nothing if nothing could be read.
function refuseNothingRead({ unavailable, services, declared }: Operator): void {
  if (unavailable.length < services.length) return
  throw new CommandFailure(
    'notRunning',
    `No service is running, and none has data in ${declared.data}: there is nothing to list dead letters of.`,
    'Start the system with `tidings dev`, or name its folder with --data.',
  )
}

// Parked events, and the events that are blocked behind them.
function deadOnly(deferred: readonly DeferredDelivery[]): readonly DeferredDelivery[] {
  return deferred.filter(({ state }) => state === 'parked' || state === 'blocked')
}

/** Shows deferred events in full. */
export async function showDead(invocation: CommandInvocation, options: SystemOptions, reference = ''): Promise<void> {
  await operate(invocation, options, async (operator) => {
    const { terminal, complete } = invocation
    const all = await operator.deferred({})
    const matching = all.filter((delivery) => matches(delivery, reference))
    if (matching.length === 0) {
      throw new CommandFailure(
        'notFound',
        `No deferred event has the id or key ${reference}.`,
        '`tidings dead list --all` lists all deferred events.',
      )
    }
    const found = await Promise.all(
      matching.map(async (delivery) => ({ delivery, content: await contentOf(operator, delivery) })),
    )
    if (options.json === true) {
      terminal.json(found.map(({ delivery, content }) => ({ ...delivery, ...contentJson(delivery, content) })))
      return
    }
    for (const [index, { delivery, content }] of found.entries()) {
      if (index > 0) terminal.line()
      terminal.lines(drawDeferred(delivery, content, terminal.width, complete))
    }
  })
}

// By id or key; a timer of a process manager also by its instance's key, an effect also by its idempotency key.
function matches({ id, key, source }: DeferredDelivery, reference: string): boolean {
  if (id === reference || key === reference) return true
  return deferredWord(source) !== 'event' && (key.endsWith(`/${reference}`) || id.endsWith(`/${reference}`))
}

function contentJson({ source }: DeferredDelivery, content: DeferredContent | undefined) {
  const word = deferredWord(source)
  return { [word]: content === undefined ? null : 'recordedAt' in content ? eventJson(content) : content }
}

async function contentOf(operator: Operator, delivery: DeferredDelivery): Promise<DeferredContent | undefined> {
  const { service, id, source, position } = delivery
  const word = deferredWord(source)
  if (word === 'event') return eventOf(operator, delivery)
  const { items } = await (word === 'timer' ? timersOf : effectsOf)(operator, { service, id, limit: 1_000 })
  // A recurring timer has other runs under the same id: the next one, and others that are parked.
  return items.find((item) => item.position === position)
}

async function eventOf(operator: Operator, { id, type, source }: DeferredDelivery) {
  const declared = operator.services.some(({ name }) => name === source)
  const [event] = await operator.events({ id, type, ...(declared ? { service: source } : {}) }, 1)
  return event
}

/** The options. */
export interface RedriveFlags extends SelectionOptions {
  readonly yes?: boolean
  readonly withoutGone?: boolean
}

/** Redrives dead letters, or shows what that would do. */
export async function redriveDead(invocation: CommandInvocation, options: RedriveFlags): Promise<void> {
  await operate(invocation, options, async (operator) => {
    const { terminal, complete } = invocation
    const dryRun = options.yes !== true
    const withoutGone = options.withoutGone === true
    const redrives = await operator.redrive(selectionOf(options), { dryRun, withoutGone })
    if (options.json === true) {
      terminal.json({ dryRun, redrives, unavailable: operator.unavailable })
      return
    }
    noteUnavailable(terminal, operator, 'Their dead letters are not redriven.')
    if (redrives.length === 0) {
      refuseNothingRead(operator)
      terminal.line([green('✓ '), 'No dead letters match.'])
      return
    }
    const kept = withoutGone ? [] : redrives.filter(({ gone }) => gone !== undefined)
    if (kept.length > 0) {
      terminal.line([bold('Kept: '), redriveCounts(kept), ' for handlers that no longer exist:'])
      terminal.lines(drawKept(kept, terminal.width))
    }
    const redriven = redrives.filter((each) => !kept.includes(each))
    if (redriven.length === 0) return
    terminal.line([
      bold(dryRun ? 'Would redrive ' : 'Redriving '),
      redriveCounts(redriven),
      dim(redriven.length === 1 ? ', in this order:' : ', each key in this order:'),
    ])
    terminal.lines(drawRedrives(redriven, terminal.width))
    if (dryRun) terminal.line(dim('Nothing has changed. Add --yes to redrive them.'))
    else if (redriven.some(({ service }) => operator.stopped.includes(service)))
      terminal.line(dim('Services that are not running handle theirs when they start.'))
    else terminal.line(dim(complete('`tidings dead list --all` shows their progress.')))
  })
}

function selectionOf({
  service,
  subscriber,
  type,
  code,
  key,
  id,
}: SelectionOptions): DeferredSelection & { service?: string } {
  const given = Object.entries({ service, subscriber, type, code, key, id }).filter(([, value]) => value !== undefined)
  return Object.fromEntries(given)
}
