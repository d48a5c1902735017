// Events as tests write them, `[OrderPlaced, { … }]`, and as the log of their owner keeps them.

import { type EventContract, type EventInput, type EventRecord, TidingsError } from 'tidings'
import { checkKey, downcastsOf, toJson, validate } from 'tidings/contracts'

/** For what a test gives: the limits of its service apply where the service itself writes, not here. */
export const ownLimitsApply = { payloadBytesMax: Number.MAX_SAFE_INTEGER, payloadDepthMax: 1_000 }

/** The end of an entity (state transfer), in place of an event's data. */
export interface Retracted {
  readonly kind: 'retracted'
  readonly key: string
}

/** Says in place of an event's data that the entity of a key is gone: `[CustomerChanged, retracted('c-1')]`. */
export function retracted(key: string): Retracted {
  return { kind: 'retracted', key }
}

/** Whether data are the end of an entity. */
export function isRetracted(data: unknown): data is Retracted {
  return typeof data === 'object' && data !== null && (data as Retracted).kind === 'retracted'
}

/** What you can set for an event besides its data. */
export interface EventDetails {
  /** Default: a new one. */
  readonly id?: string
  /** When it happened. Default: now. */
  readonly occurredAt?: Date
  /** The id of the principal that caused it. Default: nobody. */
  readonly principal?: string
  /** The tenant of that principal. Default: none. */
  readonly tenant?: string
  /** The conversation it belongs to. Default: its own id. */
  readonly correlationId?: string
  /** The version of its entity (state transfer). Default: one more than the one given before for its key. */
  readonly entityVersion?: number
}

/** Details of an event in an old version of its contract. */
export interface OldEventDetails extends EventDetails {
  /** The version of the data. */
  readonly version: number
}

/** An event of a contract as tests write it: `[OrderPlaced, { … }]`, `[CustomerChanged, retracted('c-1')]`. */
export type GivenEvent<E extends EventContract> =
  | readonly [E, EventInput<E> | Retracted, EventDetails?]
  | readonly [E, unknown, OldEventDetails]

/** What is needed to make records. */
export interface RecordMaker {
  newId(): string
  nowMs(): number
  /** The next version of an entity of a contract. */
  nextEntityVersion(contract: EventContract, key: string): number
}

/** Makes the record of a given event; throws `INVALID_PAYLOAD`, `INVALID_KEY` or `NOT_DECLARED`. */
export function makeRecord(
  maker: RecordMaker,
  contract: EventContract,
  given: unknown,
  details: Partial<OldEventDetails> = {},
): EventRecord {
  const what = `Event ${contract.name}`
  const { chain } = contract
  const version = details.version ?? chain.latest.version
  const shape = chain.versions[version - 1]
  if (shape === undefined) throw new TidingsError('NOT_DECLARED', `${what} has no version ${version}.`)
  const gone = isRetracted(given)
  if (gone && contract.pattern !== 'state-transfer') {
    throw new TidingsError('NOT_DECLARED', `${what} is no state-transfer contract, so nothing of it can be retracted.`)
  }
  const data = gone ? undefined : validate(what, shape.schema, given)
  const key = checkKey(what, gone ? given.key : contract.keyOf(data))
  const downcasts = gone || shape !== chain.latest ? undefined : downcastsOf(chain, data)
  const id = details.id ?? maker.newId()
  const nowMs = maker.nowMs()
  const isState = contract.pattern === 'state-transfer'
  return {
    id,
    source: contract.owner,
    type: contract.name,
    version,
    readableFrom: shape.readableFrom,
    key,
    data: gone ? null : toJson(what, data, ownLimitsApply),
    downcasts: downcasts === undefined ? null : toJson(what, downcasts, ownLimitsApply),
    entityVersion: isState ? (details.entityVersion ?? maker.nextEntityVersion(contract, key)) : null,
    occurredAt: details.occurredAt?.getTime() ?? nowMs,
    recordedAt: nowMs,
    correlationId: details.correlationId ?? id,
    causationId: id,
    causedBy: 'a test',
    principal: details.principal ?? null,
    tenant: details.tenant ?? null,
    traceparent: null,
    tracestate: null,
  }
}
