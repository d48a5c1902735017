// A row of the schedule as text. A million timers may wait, so what the key of the row says, and what most items have in common, is left out.
// Invariant: what is read is what was written, the data byte for byte. Rows as builds before layout 3 wrote them (an object) can be read too.

import { invariant } from '../../errors/index.ts'
import type { RowWrite } from '../../ports/index.ts'
import {
  claimedDueAt,
  defaultSubscriber,
  effectQueue,
  type KeptOrigin,
  type ScheduledItem,
  type ScheduledRow,
  serviceTimers,
  timerQueue,
} from './scheduled-item.ts'

/** What few items have. Members without a value are left out. */
interface Rest extends Pick<ScheduledItem, 'every' | 'declared' | 'released' | 'missed' | 'performed'> {
  readonly claimed?: string | undefined
  /** The key of an effect. */
  readonly key?: string | undefined
  readonly queue?: string | undefined
  readonly principal?: string
  readonly tenant?: string
  readonly traceparent?: string
  readonly tracestate?: string
}

/**
 * `[length, dueAt, version, correlationId, causationId, causedBy, occurredAt, rest, data]`: the length is that of the data, which stand there as they are;
 * the cause is 0 if it is the conversation, and the rest 0 if there is none.
 */
type Head = readonly [number, number, number, string, string | 0, string, number, Rest | 0]

/** A row of the schedule, under the id of its item. */
export function writeScheduled(row: ScheduledRow): NonNullable<RowWrite['row']> {
  const { dueAt, version, data, origin } = row.item
  const { correlationId, causationId, causedBy, occurredAt } = origin
  const cause = causationId === correlationId ? '0' : JSON.stringify(causationId)
  const words = `${JSON.stringify(correlationId)},${cause},${JSON.stringify(causedBy)}`
  return {
    schemaVersion: 2,
    json: `[${data.length},${dueAt},${version},${words},${occurredAt},${restOf(row)},${data}]`,
    columns: ['claimed' in row ? claimedDueAt : dueAt],
  }
}

function restOf(row: ScheduledRow): string {
  const { item } = row
  const { kind, id, owner, name, key, queue, every, declared, released, missed, performed, origin } = item
  const { principal, tenant, traceparent, tracestate } = origin
  const rest: Record<string, unknown> = {}
  if ('claimed' in row) rest.claimed = row.claimed
  if (kind === 'effect') rest.key = key
  else invariant(id === `timer/${owner}/${name}/${key}`, `the id of timer ${id} says whose it is`)
  if (queue !== usualQueue(kind, owner)) rest.queue = queue
  if (every !== undefined) rest.every = every
  if (declared !== undefined) rest.declared = declared
  if (released !== undefined) rest.released = released
  if (missed !== undefined) rest.missed = missed
  if (performed !== undefined) rest.performed = performed
  if (principal !== null) rest.principal = principal
  if (typeof tenant === 'string') rest.tenant = tenant
  if (traceparent !== null) rest.traceparent = traceparent
  if (typeof tracestate === 'string') rest.tracestate = tracestate
  for (const _any in rest) return JSON.stringify(rest)
  return '0'
}

/** The queue that most items of an owner have. */
function usualQueue(kind: ScheduledItem['kind'], owner: string): string {
  if (kind === 'effect') return effectQueue(owner)
  return timerQueue(owner === serviceTimers ? defaultSubscriber : owner)
}

/** Reads a row of the schedule. */
export function readScheduled({ key: id, json }: { readonly key: string; readonly json: string }): ScheduledRow {
  if (json.startsWith('{')) return JSON.parse(json) as ScheduledRow
  const start = json.length - 1 - Number.parseInt(json.slice(1), 10)
  const [, dueAt, version, correlationId, causationId, causedBy, occurredAt, rest] = JSON.parse(
    `${json.slice(0, start - 1)}]`,
  ) as Head
  const data = json.slice(start, -1)
  const { claimed, key, queue, principal, tenant, traceparent, tracestate, ...others } = rest === 0 ? nothing : rest
  const origin: KeptOrigin = {
    correlationId,
    causationId: causationId === 0 ? correlationId : causationId,
    causedBy,
    principal: principal ?? null,
    tenant: tenant ?? null,
    traceparent: traceparent ?? null,
    tracestate: tracestate ?? null,
    occurredAt,
  }
  const named = key === undefined ? ofTimer(id) : ofEffect(id, key)
  const usual = queue ?? usualQueue(named.kind, named.owner)
  const item: ScheduledItem = { ...named, queue: usual, dueAt, version, data, ...others, origin }
  return claimed === undefined ? { item } : { claimed, item }
}

const nothing: Rest = {}

type Named = Pick<ScheduledItem, 'kind' | 'id' | 'owner' | 'name' | 'key'>

// Neither owners nor names have a "/"; keys may.
function ofTimer(id: string): Named {
  const owner = id.indexOf('/') + 1
  const name = id.indexOf('/', owner) + 1
  const key = id.indexOf('/', name) + 1
  return { kind: 'timer', id, owner: id.slice(owner, name - 1), name: id.slice(name, key - 1), key: id.slice(key) }
}

function ofEffect(id: string, key: string): Named {
  const name = id.slice('effect/'.length, id.indexOf('/', 'effect/'.length))
  return { kind: 'effect', id, owner: name, name, key }
}
