// What the ledger comes to: what was promised by answers and seen outside, against what the services' histories hold and what was heard of
// them. Invariant: nothing of the system under test is asked whether it is well; all is compared from outside.

import type { LoggedEvent } from 'tidings'
import { placeOf } from './witness.ts'

/** Something that has to happen once, because of what was sent. */
export interface Expectation {
  /** Events by `eventName`; each of them would be the one thing that happens. */
  readonly anyOf: readonly string[]
  /** Whether it must have happened; where a command was never answered, it may have. */
  readonly isCertain: boolean
  /** The idempotency key of what was sent, for the rows. */
  readonly because: string
}

/** An effect as it was seen outside. */
export interface Performed {
  /** The event, by `eventName`, that must say so. */
  readonly outcome: string
  readonly idempotencyKey: string
}

/** All that is judged. */
export interface Evidence {
  readonly expectations: Iterable<Expectation>
  /** The whole history of each service, in the order of its positions. */
  readonly histories: ReadonlyMap<string, readonly LoggedEvent[]>
  /** What a witness heard: ids by `placeOf`. */
  readonly heard: ReadonlyMap<string, readonly string[]>
  readonly performed: readonly Performed[]
  /** What is still on its way, or held, after the time to settle. */
  readonly stuck: readonly string[]
}

/** What was found; all zero is as it should be. */
export interface Verdict {
  /** Acknowledged, and not there. */
  readonly lost: string[]
  /** There more than once. */
  readonly doubled: string[]
  /** Heard in another order than published, of one key. */
  readonly outOfOrder: string[]
  /** Not settled in time, or held. */
  readonly stuck: string[]
  /** There, and caused by nobody. */
  readonly phantom: string[]
}

/** A verdict without rows. */
export const emptyVerdict = (): Verdict => ({ lost: [], doubled: [], outOfOrder: [], stuck: [], phantom: [] })

/** The number of everything that was found. */
export const findingsOf = (verdict: Verdict): number =>
  Object.values(verdict).reduce((sum, rows) => sum + rows.length, 0)

/** The name of an event in expectations. */
export function eventName(type: string, key: string): string {
  return `${type} ${key}`
}

/** Judges a run. */
export function judge(evidence: Evidence): Verdict {
  const verdict: Verdict = { ...emptyVerdict(), stuck: [...evidence.stuck] }
  const counts = countEvents(evidence.histories, verdict)
  judgeExpectations(evidence.expectations, new Map(counts), verdict)
  judgeHeard(evidence, verdict)
  judgeEffects(evidence.performed, counts, verdict)
  return verdict
}

function countEvents(histories: Evidence['histories'], verdict: Verdict): Map<string, number> {
  const counts = new Map<string, number>()
  for (const [service, events] of histories) {
    const ids = new Set<string>()
    let before = ''
    for (const { id, type, key, position } of events) {
      const name = eventName(type, key)
      counts.set(name, (counts.get(name) ?? 0) + 1)
      if (ids.has(id)) verdict.doubled.push(`${service} has the event ${id} (${name}) twice in its history`)
      if (position <= before) verdict.outOfOrder.push(`${service} has ${name} at ${position}, behind ${before}`)
      ids.add(id)
      before = position
    }
  }
  return counts
}

// Takes out of `left` what was expected; what remains was caused by nobody.
function judgeExpectations(expectations: Iterable<Expectation>, left: Map<string, number>, verdict: Verdict): void {
  for (const { anyOf, isCertain, because } of expectations) {
    const count = anyOf.reduce((sum, name) => sum + (left.get(name) ?? 0), 0)
    for (const name of anyOf) left.delete(name)
    if (count === 0 && isCertain)
      verdict.lost.push(`${anyOf.join(' or ')} is in no history, and ${because} was acknowledged`)
    if (count > 1)
      verdict.doubled.push(`${anyOf.join(' or ')} stands ${count} times in the history, because of ${because}`)
  }
  for (const [name, count] of left)
    verdict.phantom.push(`${name} stands ${count} times in the history, and nothing led to it`)
}

function judgeHeard({ histories, heard }: Evidence, verdict: Verdict): void {
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
    for (const id of ids) if (!once.includes(id)) verdict.lost.push(`the witness never heard ${id} of ${place}`)
    if (once.length < got.length)
      verdict.doubled.push(`the witness handled an event of ${place} twice: ${got.join(', ')}`)
    for (const id of once)
      if (!known.has(id)) verdict.phantom.push(`the witness heard ${id} of ${place}, which nobody published`)
    const expected = ids.filter((id) => once.includes(id))
    if (expected.join() !== once.filter((id) => known.has(id)).join())
      verdict.outOfOrder.push(`the witness heard ${place} as ${once.join(', ')}, published as ${ids.join(', ')}`)
  }
  for (const [place, ids] of heard) {
    if (!published.has(place))
      verdict.phantom.push(`the witness heard ${ids.join(', ')} of ${place}, where nothing was published`)
  }
}

// Outside a store an effect comes at least once: the other side tells its repetitions by the idempotency key.
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
