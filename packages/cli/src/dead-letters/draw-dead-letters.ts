// Deferred events as text: a list grouped by code and message, one event in full, and what a redrive does. Timers and effects count as events here.

import type { LoggedEvent } from 'tidings'
import type { DeferredDelivery, PendingEffect, PendingTimer, Redrive } from 'tidings/operations'
import { shellWord } from 'tidings/runtime'
import { dataValue } from '../system/event-json.ts'
import type { Complete } from '../system/printed-commands.ts'
import { deferredWord, sourceText } from '../system/source-text.ts'
import { type Column, fieldLines, tableLines } from '../terminal/table.ts'
import { bold, cyan, dim, green, joined, red, type Text, wrapped, yellow } from '../terminal/text.ts'
import { agoText, countOf, countText, momentText } from '../terminal/time-text.ts'

/** Deferred events with the same code and message: for each key, only the first one. */
export interface DeadGroup {
  readonly code: string
  /** The message of the first of them. Messages that differ only in the event's own key and id are the same. */
  readonly message: string
  readonly hint: string
  /** The events that failed, each with the number of later events of its key that it blocks. */
  readonly deferred: readonly (DeferredDelivery & { readonly blocked: number })[]
}

/**
 * Groups deferred events by error code and message, the largest group first. Blocked events are only counted, in `blocked` of the event
 * that blocks them.
 */
export function groupByError(deferred: readonly DeferredDelivery[]): readonly DeadGroup[] {
  const blocked = new Map<string, number>()
  for (const delivery of deferred) {
    if (delivery.state === 'blocked') blocked.set(queueOf(delivery), (blocked.get(queueOf(delivery)) ?? 0) + 1)
  }
  const heads = deferred
    .filter(({ state }) => state !== 'blocked')
    .map((delivery) => ({ ...delivery, blocked: blocked.get(queueOf(delivery)) ?? 0 }))
  const inOrder = heads.toSorted((a, b) => a.deferredAt - b.deferredAt)
  return [...Map.groupBy(inOrder, reasonOf).values()]
    .map((deferred) => ({
      code: deferred[0]?.error?.code ?? deferred[0]?.state ?? '',
      message: deferred[0]?.error?.message ?? '',
      hint: deferred[0]?.error?.hint ?? '',
      deferred,
    }))
    .sort((a, b) => b.deferred.length - a.deferred.length)
}

// A message often names its event, or a value in quotes. That does not make it another reason.
function reasonOf({ error, state, id, key, ownKey }: DeferredDelivery): string {
  if (error === undefined) return state
  const message = error.message.replace(/"[^"]*"/g, '""')
  return JSON.stringify([error.code, [id, key, ownKey].reduce(withoutName, message)])
}

function withoutName(message: string, name: string): string {
  if (name === '' || !message.includes(name)) return message
  return message.replace(new RegExp(`(?<!\\w)${name.replace(/\W/g, '\\$&')}(?!\\w)`, 'g'), '')
}

function queueOf({ service, subscriber, source, key }: DeferredDelivery): string {
  return JSON.stringify([service, subscriber, source, key])
}

const columns: readonly Column[] = [
  {},
  { fit: 'cut', widthMin: 12 },
  { fit: 'cut', widthMin: 14 },
  { fit: 'cut', widthMin: 8 },
  {},
  { align: 'right' },
  { align: 'right' },
]

/** The smallest width at which attempts have a column. */
const widthForAttempts = 100
/** The smallest width at which ids have a column. */
const widthForIds = 130
/** How many events of a group, or of a key, are shown at most. */
const shownMax = 20

/** How groups of deferred events are drawn. */
export interface DeadDrawing {
  readonly all: boolean
  readonly now: number
  readonly width: number
  /** Completes the commands in backquotes of a text. */
  readonly complete: Complete
}

/** Draws groups of deferred events; `all` says whether they include events that are retried or wait. */
export function drawDead(groups: readonly DeadGroup[], { all, now, width, complete }: DeadDrawing): readonly Text[] {
  if (groups.length === 0) return [[green('✓ '), all ? 'No deferred events.' : 'No dead letters.']]
  const lines = groups.flatMap((group): readonly Text[] => {
    const shown = group.deferred.slice(0, shownMax)
    const more = group.deferred.length - shown.length
    const rows = shown.map((delivery) => [
      stateText(delivery.state),
      [bold(delivery.service), dim(`/${delivery.subscriber}`)],
      cyan(delivery.type),
      delivery.key,
      width >= widthForAttempts ? dim(countOf(delivery.attempts, 'attempt')) : '',
      dim(agoText(now - delivery.deferredAt)),
      delivery.blocked === 0 ? '' : yellow(`+${countText(delivery.blocked)} blocked`),
      ...(width >= widthForIds ? [dim(delivery.id)] : []),
    ])
    return [
      [red(bold(group.code)), dim(`  ${countsOf(group.deferred)}`)],
      ...wrapped(group.message, width - 2).map((line): Text => ['  ', line]),
      ...wrapped(dim(complete(group.hint)), width - 2).map((line): Text => ['  ', line]),
      ...tableLines(width >= widthForIds ? [...columns, {}] : columns, rows, width - 2).map(
        (line): Text => ['  ', line],
      ),
      ...(more > 0 ? [dim(`  and ${countText(more)} more`)] : []),
      '',
    ]
  })
  const key = groups[0]?.deferred[0]?.key
  const shown = key === undefined ? '<key>' : shellWord(key)
  const next = `\`tidings dead show ${shown}\` shows one in full; \`tidings dead redrive\` shows what a redrive would do.`
  return [...lines, ...wrapped(dim(complete(next)), width)]
}

// Events, timers and effects are counted separately.
function countsOf(deferred: readonly DeferredDelivery[]): string {
  const groups = Map.groupBy(deferred, ({ source }) => deferredWord(source))
  return [...groups].map(([word, ofWord]) => countOf(ofWord.length, word)).join(', ')
}

const stateTexts = {
  waiting: '◷ waiting',
  retrying: '↻ retrying',
  blocked: '≡ blocked',
  running: '● still running',
} as const

function stateText(state: DeferredDelivery['state']): Text {
  if (state === 'parked') return red('✗ parked')
  return yellow(stateTexts[state])
}

/** What was deferred: a published event, or a timer or effect as it is stored. */
export type DeferredContent = LoggedEvent | PendingTimer | PendingEffect

/** Draws a deferred event in full, with its data if they were found. */
export function drawDeferred(
  delivery: DeferredDelivery,
  content: DeferredContent | undefined,
  width: number,
  complete: Complete,
): readonly Text[] {
  const { error } = delivery
  const fields: readonly (readonly [string, Text])[] = [
    [deferredWord(delivery.source), [cyan(delivery.type), '  ', delivery.id]],
    ['key', delivery.key],
    ['subscriber', [bold(delivery.service), dim(`/${delivery.subscriber}`), ' from ', sourceText(delivery.source)]],
    ...itemFields(content),
    ['deferred', momentText(delivery.deferredAt)],
    ['attempts', countText(delivery.attempts)],
    ...(delivery.state === 'retrying' || delivery.state === 'waiting'
      ? [['next try', momentText(delivery.dueAt)] as const]
      : []),
    ['conversation', delivery.correlationId],
    ...(error === undefined
      ? []
      : [['error', [red(error.code), '  ', error.message]] as const, ['hint', complete(error.hint)] as const]),
  ]
  const stack = error?.stack?.split('\n').filter((line) => line.trim().startsWith('at ')) ?? []
  const data = dataLines(content)
  return [
    stateText(delivery.state),
    ...fieldLines(fields, width),
    ...(stack.length === 0 ? [] : [dim('  stack')]),
    ...stack.map((line): Text => ['    ', dim(line.trim())]),
    ...(data.length === 0 ? [] : [dim('  data')]),
    ...data.map((line): Text => ['    ', line]),
  ]
}

function itemFields(content: DeferredContent | undefined): readonly (readonly [string, Text])[] {
  if (content === undefined || 'recordedAt' in content) return []
  const requestedBy = content.causedBy.replace('/', ' ')
  return [
    ['idempotencyKey' in content ? 'requested by' : 'set by', requestedBy],
    ['due', momentText(content.dueAt)],
    ...('idempotencyKey' in content ? [['idempotency key', content.idempotencyKey] as const] : []),
  ]
}

function dataLines(content: DeferredContent | undefined): readonly string[] {
  if (content === undefined) return []
  const data = 'recordedAt' in content ? dataValue(content.data) : content.data
  return (JSON.stringify(data, undefined, 2) ?? '').split('\n').filter((line) => line !== '')
}

/** Draws what a redrive does, or would do. */
export function drawRedrives(redrives: readonly Redrive[], width: number): readonly Text[] {
  const rows = redrives.flatMap(({ service, subscriber, source, key, events }) =>
    events
      .slice(0, shownMax)
      .map(({ type, id }, index) => [
        index === 0 ? [bold(service), dim(`/${subscriber} ← ${sourceText(source)}`)] : '',
        index === 0 ? key : '',
        dim(`${index + 1}.`),
        cyan(type),
        ...(width >= widthForIds ? [dim(id)] : []),
      ]),
  )
  const many = redrives.some(({ events }) => events.length > shownMax)
  const table: readonly Column[] = [
    { fit: 'cut', widthMin: 16 },
    { fit: 'cut', widthMin: 8 },
    { align: 'right' },
    {},
    {},
  ]
  return [
    ...tableLines(width >= widthForIds ? table : table.slice(0, 4), rows, width - 2).map((line): Text => ['  ', line]),
    ...(many ? [dim(`  Only the first ${shownMax} of each key are shown.`)] : []),
  ]
}

/** Draws dead letters that a redrive keeps, because their handlers no longer exist. */
export function drawKept(kept: readonly Redrive[], width: number): readonly Text[] {
  const rows = kept
    .slice(0, shownMax)
    .map(({ service, subscriber, key, events, gone = [] }) => [
      [bold(service), dim(`/${subscriber}`)],
      key,
      cyan(events[0]?.type ?? ''),
      yellow(gone.length === 0 ? 'its handler is gone' : `${gone.join(', ')} is gone`),
    ])
  const table: readonly Column[] = [{ fit: 'cut', widthMin: 16 }, { fit: 'cut', widthMin: 8 }, {}, {}]
  const help =
    "If a handler was renamed, declare `was: '<old name>'` on it. With --without-gone, a redrive goes on without the handlers that are gone."
  return [
    ...tableLines(table, rows, width - 2).map((line): Text => ['  ', line]),
    ...(kept.length > shownMax ? [dim(`  and ${countText(kept.length - shownMax)} more`)] : []),
    ...wrapped(dim(help), width - 2).map((line): Text => ['  ', line]),
  ]
}

/** How many events and keys a redrive affects. */
export function redriveCounts(redrives: readonly Redrive[]): Text {
  const groups = Map.groupBy(redrives, ({ source }) => deferredWord(source))
  const counts = [...groups].map(([word, ofWord]) =>
    countOf(
      ofWord.reduce((count, each) => count + each.events.length, 0),
      word,
    ),
  )
  return joined([joined(counts, ', '), countOf(redrives.length, 'key')], ' of ')
}
