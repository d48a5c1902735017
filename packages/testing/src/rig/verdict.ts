// The verdict on a run: compares what was acknowledged and seen outside with the histories of the services and with what the observer handled.
// Invariant: it relies on nothing that the system under test says of its own health; everything is compared from outside.

import type { LoggedEvent } from 'tidings'
import { placeOf } from './observer.ts'

/** An event that must happen once, because of a command that was sent. */
export interface ExpectedOutcome {
  /** The alternatives, by `eventName`: exactly one of them happens. */
  readonly anyOf: readonly string[]
  /** Whether it must have happened. If the command was never answered, it may or may not have. */
  readonly isCertain: boolean
  /** The idempotency key of the command, for the report. */
  readonly because: string
}

/** An effect, as it was seen outside. */
export interface Performed {
  /** The event, by `eventName`, that reports its outcome. */
  readonly outcome: string
  readonly idempotencyKey: string
}

/** Everything that the verdict is based on. */
export interface RigEvidence {
  readonly expectations: Iterable<ExpectedOutcome>
  /** The whole history of each service, in the order of its positions. */
  readonly histories: ReadonlyMap<string, readonly LoggedEvent[]>
  /** What the observer handled: ids by `placeOf`. */
  readonly heard: ReadonlyMap<string, readonly string[]>
  readonly performed: readonly Performed[]
  /** What is still undelivered or deferred after the time to settle. */
  readonly stuck: readonly string[]
}

/** The findings; a correct run has none. */
export interface Verdict {
  /** Acknowledged, but missing. */
  readonly lost: string[]
  /** Present more than once. */
  readonly doubled: string[]
  /** Handled in another order than published, within one key. */
  readonly outOfOrder: string[]
  /** Not settled in time, or deferred. */
  readonly stuck: string[]
  /** Present, but caused by nothing. */
  readonly phantom: string[]
}

/** A verdict without findings. */
export const emptyVerdict = (): Verdict => ({ lost: [], doubled: [], outOfOrder: [], stuck: [], phantom: [] })

/** The number of findings. */
export const findingsOf = (verdict: Verdict): number =>
  Object.values(verdict).reduce((sum, rows) => sum + rows.length, 0)

/** How expectations name an event. */
export function eventName(type: string, key: string): string {
  return `${type} ${key}`
}

/** Judges a run. */
export function judge(evidence: RigEvidence): Verdict {
  const verdict: Verdict = { ...emptyVerdict(), stuck: [...evidence.stuck] }
  const counts = countEvents(evidence.histories, verdict)
  judgeExpectations(evidence.expectations, new Map(counts), verdict)
  judgeHeard(evidence, verdict)
  judgeEffects(evidence.performed, counts, verdict)
  return verdict
}

function countEvents(histories: RigEvidence['histories'], verdict: Verdict): Map<string, number> {
  const counts = new Map<string, number>()
  for (const [service, events] of histories) {
    const ids = new Set<string>()
    let before = ''
    for (const { id, type, key, position } of events) {
      const name = eventName(type, key)
      counts.set(name, (counts.get(name) ?? 0) + 1)
      if (ids.has(id)) verdict.doubled.push(`${service} has the event ${id} (${name}) twice in its history`)
      if (position <= before) verdict.outOfOrder.push(`${service} has ${name} at ${position}, after ${before}`)
      ids.add(id)
      before = position
    }
  }
  return counts
}

// Removes the expected events from `left`; the rest was caused by nothing.
function judgeExpectations(expectations: Iterable<ExpectedOutcome>, left: Map<string, number>, verdict: Verdict): void {
  for (const { anyOf, isCertain, because } of expectations) {
    const count = anyOf.reduce((sum, name) => sum + (left.get(name) ?? 0), 0)
    for (const name of anyOf) left.delete(name)
    if (count === 0 && isCertain)
      verdict.lost.push(`${anyOf.join(' or ')} is in no history, and ${because} was acknowledged`)
    if (count > 1) verdict.doubled.push(`${anyOf.join(' or ')} is ${count} times in the history, because of ${because}`)
  }
  for (const [name, count] of left)
    verdict.phantom.push(`${name} is ${count} times in the history, and nothing led to it`)
}

function judgeHeard({ histories, heard }: RigEvidence, verdict: Verdict): void {
  const published = new Map<string, string[]>()
  for (const [service, events] of histories) {
    for (const { key, id } of events) {
      const place = placeOf(service, key)
      const ids = published.get(place)
      if (ids === undefined) published.set(place, [id])
      else ids.push(id)
    }
  }
  for (const [place, ids] of published) {
    const got = heard.get(place) ?? []
    const once = [...new Set(got)]
    const known = new Set(ids)
    for (const id of ids) if (!once.includes(id)) verdict.lost.push(`the observer never handled ${id} of ${place}`)
    if (once.length < got.length)
      verdict.doubled.push(`the observer handled an event of ${place} twice: ${got.join(', ')}`)
    for (const id of once)
      if (!known.has(id)) verdict.phantom.push(`the observer handled ${id} of ${place}, which nobody published`)
    const expected = ids.filter((id) => once.includes(id))
    if (expected.join() !== once.filter((id) => known.has(id)).join())
      verdict.outOfOrder.push(`the observer handled ${place} as ${once.join(', ')}, published as ${ids.join(', ')}`)
  }
  for (const [place, ids] of heard) {
    if (!published.has(place))
      verdict.phantom.push(`the observer handled ${ids.join(', ')} of ${place}, where nothing was published`)
  }
}

// Outside a store an effect happens at least once: the other side recognises repetitions by the idempotency key.
function judgeEffects(performed: readonly Performed[], counts: ReadonlyMap<string, number>, verdict: Verdict): void {
  const keys = new Map<string, Set<string>>()
  for (const { outcome, idempotencyKey } of performed)
    keys.set(outcome, (keys.get(outcome) ?? new Set()).add(idempotencyKey))
  for (const [outcome, known] of keys) {
    if (known.size > 1)
      verdict.doubled.push(`the effect of ${outcome} was asked for under ${known.size} idempotency keys`)
    if (!counts.has(outcome)) verdict.phantom.push(`an effect was performed, and no ${outcome} says so`)
  }
  const types = new Set([...keys.keys()].map(typeOf))
  for (const name of counts.keys()) {
    if (types.has(typeOf(name)) && !keys.has(name))
      verdict.lost.push(`${name} says that an effect was performed which nobody saw`)
  }
}

const typeOf = (name: string): string => name.slice(0, name.indexOf(' '))
