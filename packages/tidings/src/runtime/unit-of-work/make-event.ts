// Makes an event record from what user code publishes: validated, as JSON text, with its cause.

import {
  checkKey,
  downcastsOf,
  type EventContract,
  type EventRecord,
  type PayloadLimits,
  toJson,
  validateLatest,
} from '../../contracts/index.ts'
import { TidingsError } from '../../errors/index.ts'
import type { Environment } from '../../ports/environment.ts'
import type { Origin } from './origin.ts'

/** The parts of an event. */
export interface EventParts {
  readonly contract: EventContract
  readonly data: unknown
  readonly origin: Origin
  readonly occurredAt: number
  /** A derived id. Default: a new one. */
  readonly id?: string
}

/** Makes the record of an event; throws `INVALID_PAYLOAD`, `PAYLOAD_…` or `INVALID_KEY`. */
export function makeEvent(parts: EventParts, environment: Environment, limits: PayloadLimits): EventRecord {
  const { contract, origin } = parts
  const data = validateLatest(contract.chain, parts.data)
  const downcasts = downcastsOf(contract.chain, data)
  return {
    ...envelopeOf(parts, environment),
    // This comes before the key, so that invalid data fail as invalid data and not because of their key.
    data: toJson(`Event ${contract.name}`, data, limits),
    key: checkKey(`event ${contract.name}`, contract.keyOf(data)),
    downcasts: downcasts === undefined ? null : downcastsText(`Event ${contract.name}`, downcasts, limits),
    principal: origin.principal,
    tenant: origin.tenant,
  }
}

// Each of the older versions may be as large as the event itself.
function downcastsText(what: string, downcasts: Readonly<Record<string, unknown>>, limits: PayloadLimits): string {
  const { payloadBytesMax, payloadDepthMax } = limits
  const count = Object.keys(downcasts).length
  return toJson(what, downcasts, {
    payloadBytesMax: (payloadBytesMax + 32) * count,
    payloadDepthMax: payloadDepthMax + 1,
  })
}

/** Makes the tombstone of an entity; throws `NOT_DECLARED` if the contract is not a state-transfer contract, or `INVALID_KEY`. */
export function makeTombstone(parts: Omit<EventParts, 'data'>, key: string, environment: Environment): EventRecord {
  if (parts.contract.pattern !== 'state-transfer') {
    throw new TidingsError(
      'NOT_DECLARED',
      `${parts.contract.name} follows the pattern ${parts.contract.pattern}; only a state-transfer contract can be retracted.`,
    )
  }
  return {
    ...envelopeOf({ ...parts, data: null }, environment),
    key: checkKey(`event ${parts.contract.name}`, key),
    data: null,
    downcasts: null,
    principal: parts.origin.principal,
    tenant: parts.origin.tenant,
  }
}

function envelopeOf({ contract, origin, occurredAt, id }: EventParts, environment: Environment) {
  return {
    id: id ?? environment.ids.next(),
    source: origin.service,
    type: contract.name,
    version: contract.chain.latest.version,
    readableFrom: contract.chain.latest.readableFrom,
    // `finishUnit` sets it, because it counts per key.
    entityVersion: null,
    occurredAt,
    recordedAt: environment.clock.now(),
    correlationId: origin.correlationId,
    causationId: origin.causationId,
    causedBy: origin.causedBy,
    traceparent: origin.traceparent,
    tracestate: origin.tracestate,
  }
}
