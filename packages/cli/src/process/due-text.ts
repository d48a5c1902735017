// When something is due, seen from now; for timers and effects alike.

import type { PendingEffect, PendingTimer } from 'tidings/operations'
import { dim, red, type Text, yellow } from '../terminal/text.ts'
import { countOf, durationText, momentText } from '../terminal/time-text.ts'

/** How long ago something was: `3 s ago`. */
export function agoText(ms: number): string {
  return `${durationText(Math.max(0, ms))} ago`
}

/** When an item is due and how it stands: `in 9 min  2026-11-23 21:03:04`. */
export function dueText(item: PendingTimer | PendingEffect, now: number): Text {
  return [standText(item, now), dim(`  ${momentText(item.dueAt).slice(0, 19)}`)]
}

/** How an item stands: how long until it is due, how late it is, or how it is held. */
export function standText({ state, dueAt, attempts }: PendingTimer | PendingEffect, now: number): Text {
  if (state === 'parked') return red(`✗ parked, ${countOf(attempts, 'attempt')}`)
  if (state === 'retrying') return yellow(`↻ retrying, ${countOf(attempts, 'attempt')}`)
  if (state === 'waiting') return yellow('◷ waiting')
  if (state === 'blocked') return yellow('≡ blocked')
  if (dueAt > now) return `in ${durationText(dueAt - now)}`
  return now - dueAt < 1_000 ? 'due now' : yellow(`${durationText(now - dueAt)} late`)
}
