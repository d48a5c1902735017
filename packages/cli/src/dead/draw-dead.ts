// Dead letters as text: what is held, grouped by its error; one letter in full; and what a redrive does.

import type { LoggedEvent } from 'tidings'
import type { DeferredDelivery, PendingEffect, PendingTimer, Redrive } from 'tidings/operations'
import { dataValue } from '../system/event-json.ts'
import { deferredWord, sourceText } from '../system/source-text.ts'
import { shellWord } from '../terminal/shell-word.ts'
import { type Column, fieldLines, tableLines } from '../terminal/table.ts'
import { bold, cyan, dim, green, joined, red, type Text, wrapped, yellow } from '../terminal/text.ts'
import { countOf, countText, durationText, momentText } from '../terminal/time-text.ts'

/** The letters that stand first in their key's queue, grouped by the error that holds them. */
export interface DeadGroup {
  readonly code: string
  /** A message of the group. */
  readonly message: string
  readonly hint: string
  /** The letters that failed, each with how many events wait behind it. */
  readonly letters: readonly (DeferredDelivery & { readonly behind: number })[]
}

/** Groups what is held by error code, the largest group first. Queued events count behind the letter that holds them. */
export function groupByError(held: readonly DeferredDelivery[]): readonly DeadGroup[] {
  const blocked = new Map<string, number>()
  for (const letter of held) {
    if (letter.state === 'blocked') blocked.set(queueOf(letter), (blocked.get(queueOf(letter)) ?? 0) + 1)
  }
  const heads = held
    .filter(({ state }) => state !== 'blocked')
    .map((letter) => ({ ...letter, behind: blocked.get(queueOf(letter)) ?? 0 }))
  const groups = Map.groupBy(heads, ({ error, state }) => error?.code ?? state)
  return [...groups]
    .map(([code, letters]) => ({
      code,
      message: letters[0]?.error?.message ?? '',
      hint: letters[0]?.error?.hint ?? '',
      letters: letters.toSorted((a, b) => a.deferredAt - b.deferredAt),
    }))
    .sort((a, b) => b.letters.length - a.letters.length)
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

/** The least width at which every letter's id has a column. */
const widthForIds = 130
/** The most letters of a group that are shown. */
const lettersMax = 20

/** Draws what is held. */
export function drawDead(groups: readonly DeadGroup[], now: number, width: number): readonly Text[] {
  if (groups.length === 0) return [[green('✓ '), 'Nothing is parked.']]
  const lines = groups.flatMap((group): readonly Text[] => {
    const shown = group.letters.slice(0, lettersMax)
    const more = group.letters.length - shown.length
    const rows = shown.map((letter) => [
      stateText(letter.state),
      [bold(letter.service), dim(`/${letter.subscriber}`)],
      cyan(letter.type),
      letter.key,
      dim(countOf(letter.attempts, 'attempt')),
      dim(`${durationText(Math.max(0, now - letter.deferredAt))} ago`),
      letter.behind === 0 ? '' : yellow(`+${countText(letter.behind)} behind`),
      ...(width >= widthForIds ? [dim(letter.id)] : []),
    ])
    return [
      [red(bold(group.code)), dim(`  ${countsOf(group.letters)}`)],
      ...wrapped(group.message, width - 2).map((line): Text => ['  ', line]),
      ...wrapped(dim(group.hint), width - 2).map((line): Text => ['  ', line]),
      ...tableLines(width >= widthForIds ? [...columns, {}] : columns, rows, width - 2).map(
        (line): Text => ['  ', line],
      ),
      ...(more > 0 ? [dim(`  and ${countText(more)} more`)] : []),
      '',
    ]
  })
  const key = shellWord(groups[0]?.letters[0]?.key ?? '<key>')
  const next = `\`tidings dead show ${key}\` tells more; \`tidings dead redrive\` shows what a redrive would do.`
  return [...lines, ...wrapped(dim(next), width)]
}

// Events, timers and effects, each counted by itself.
function countsOf(letters: readonly DeferredDelivery[]): string {
  const groups = Map.groupBy(letters, ({ source }) => deferredWord(source))
  return [...groups].map(([word, ofWord]) => countOf(ofWord.length, word)).join(', ')
}

function stateText(state: DeferredDelivery['state']): Text {
  if (state === 'parked') return red('✗ parked')
  return yellow(state === 'waiting' ? '◷ waiting' : state === 'retrying' ? '↻ retrying' : '≡ blocked')
}

/** What a held letter is about: the event that was published, or the timer or effect as it is kept. */
export type LetterContent = LoggedEvent | PendingTimer | PendingEffect

/** Draws a held letter in full, with what it is about where that was found. */
export function drawLetter(
  letter: DeferredDelivery,
  content: LetterContent | undefined,
  width: number,
): readonly Text[] {
  const { error } = letter
  const fields: readonly (readonly [string, Text])[] = [
    [deferredWord(letter.source), [cyan(letter.type), '  ', letter.id]],
    ['key', letter.key],
    ['held by', [bold(letter.service), dim(`/${letter.subscriber}`), ' from ', sourceText(letter.source)]],
    ...itemFields(content),
    ['since', momentText(letter.deferredAt)],
    ['attempts', countText(letter.attempts)],
    ...(letter.state === 'retrying' || letter.state === 'waiting' ? [['next', momentText(letter.dueAt)] as const] : []),
    ['conversation', letter.correlationId],
    ...(error === undefined
      ? []
      : [['error', [red(error.code), '  ', error.message]] as const, ['hint', error.hint] as const]),
  ]
  const stack = error?.stack?.split('\n').slice(1) ?? []
  const data = dataLines(content)
  return [
    stateText(letter.state),
    ...fieldLines(fields, width),
    ...(stack.length === 0 ? [] : [dim('  stack')]),
    ...stack.map((line): Text => ['    ', dim(line.trim())]),
    ...(data.length === 0 ? [] : [dim('  data')]),
    ...data.map((line): Text => ['    ', line]),
  ]
}

function itemFields(content: LetterContent | undefined): readonly (readonly [string, Text])[] {
  if (content === undefined || 'recordedAt' in content) return []
  const asked = content.causedBy.replace('/', ' ')
  return [
    ['asked by', asked],
    ['due', momentText(content.dueAt)],
    ...('idempotencyKey' in content ? [['idempotency', content.idempotencyKey] as const] : []),
  ]
}

function dataLines(content: LetterContent | undefined): readonly string[] {
  if (content === undefined) return []
  const data = 'recordedAt' in content ? dataValue(content.data) : content.data
  return (JSON.stringify(data, undefined, 2) ?? '').split('\n').filter((line) => line !== '')
}

/** Draws what a redrive does, or would do. */
export function drawRedrives(redrives: readonly Redrive[], width: number): readonly Text[] {
  const rows = redrives.flatMap(({ service, subscriber, source, key, events }) =>
    events
      .slice(0, lettersMax)
      .map(({ type, id }, index) => [
        index === 0 ? [bold(service), dim(`/${subscriber} ← ${sourceText(source)}`)] : '',
        index === 0 ? key : '',
        dim(`${index + 1}.`),
        cyan(type),
        ...(width >= widthForIds ? [dim(id)] : []),
      ]),
  )
  const many = redrives.some(({ events }) => events.length > lettersMax)
  const table: readonly Column[] = [
    { fit: 'cut', widthMin: 16 },
    { fit: 'cut', widthMin: 8 },
    { align: 'right' },
    {},
    {},
  ]
  return [
    ...tableLines(width >= widthForIds ? table : table.slice(0, 4), rows, width - 2).map((line): Text => ['  ', line]),
    ...(many ? [dim(`  Of each key, the first ${lettersMax} are shown.`)] : []),
  ]
}

/** How many events and keys a redrive is about. */
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
