// Timers and effects as a table, next due first.

import type { PendingEffect, PendingTimer } from 'tidings/operations'
import { type Column, tableLines } from '../terminal/table.ts'
import { bold, dim, red, type Text, wrapped } from '../terminal/text.ts'
import { countText, durationText, momentText } from '../terminal/time-text.ts'
import { stateText } from './due-text.ts'

/** How a list is drawn. */
export interface PendingDrawing {
  readonly what: 'timer' | 'effect'
  readonly more: boolean
  readonly now: number
  /** Columns of the terminal. */
  readonly width: number
}

/** The smallest width at which due times have a column. */
const widthForTimes = 72

/** Draws timers or effects. */
export function drawPending(
  items: readonly (PendingTimer | PendingEffect)[],
  { what, more, now, width }: PendingDrawing,
): readonly Text[] {
  if (items.length === 0) return [dim(what === 'timer' ? 'No timer is set.' : 'No effect is pending.')]
  const columns: readonly Column[] = [
    { title: width < widthForTimes ? '' : 'due' },
    { title: width < widthForTimes ? 'due' : '' },
    { title: what, fit: 'cut', widthMin: 16 },
    { title: 'key', fit: 'cut', widthMin: 10 },
  ]
  const rows = items.map((item) => [
    width < widthForTimes ? '' : dim(momentText(item.dueAt).slice(0, 19)),
    stateText(item, now),
    [dim(`${item.service}/`), ownerOf(item), bold(item.name)],
    item.key,
  ])
  const lines = tableLines(columns, rows, width)
  // A row is followed by its notes: how it repeats, and its error.
  const body = lines.slice(1).flatMap((line, index) => [line, ...notes(items[index], width)])
  return [
    lines[0] ?? '',
    ...body,
    ...(more ? wrapped(dim(`Showing the next ${countText(items.length)}; raise --limit for more.`), width) : []),
  ]
}

function ownerOf(item: PendingTimer | PendingEffect): Text {
  return 'process' in item && item.process !== undefined ? dim(`${item.process}.`) : ''
}

function notes(item: PendingTimer | PendingEffect | undefined, width: number): readonly Text[] {
  if (item === undefined) return []
  const { error } = item
  const texts: Text[] = []
  if ('every' in item && item.every !== undefined) texts.push(dim(`every ${item.every.cron}  ${item.every.timeZone}`))
  if ('begun' in item && item.begun !== undefined) {
    const { by, at, timeoutMs } = item.begun
    texts.push(dim(`begun by ${by} at ${momentText(at)}, for ${durationText(timeoutMs)} at most`))
  }
  if (error !== undefined) texts.push([red(error.code), ' ', error.message])
  return texts.flatMap((text) => wrapped(text, width - 2).map((line): Text => ['  ', line]))
}
