// When a timer or an effect is due, relative to now.

import type { PendingEffect, PendingTimer } from 'tidings/operations'
import { dim, red, type Text, yellow } from '../terminal/text.ts'
import { countOf, durationText, momentText } from '../terminal/time-text.ts'

/** The state of an item and when it is due: `in 9 min  2026-11-23 21:03:04`. */
export function dueText(item: PendingTimer | PendingEffect, now: number): Text {
  return [stateText(item, now), dim(`  ${momentText(item.dueAt).slice(0, 19)}`)]
}

/** The state of an item: how long until it is due, how late it is, or how it is deferred. */
export function stateText({ state, dueAt, attempts }: PendingTimer | PendingEffect, now: number): Text {
  if (state === 'parked') return red(`✗ parked, ${countOf(attempts, 'attempt')}`)
  if (state === 'retrying') return yellow(`↻ retrying, ${countOf(attempts, 'attempt')}`)
  if (state === 'waiting') return yellow('◷ waiting')
  if (state === 'blocked') return yellow('≡ blocked')
  if (state === 'running') return yellow('● still running')
  if (dueAt > now) return `in ${durationText(dueAt - now)}`
  return now - dueAt < 1_000 ? 'due now' : yellow(`${durationText(now - dueAt)} late`)
}
