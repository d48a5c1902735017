// The wire format: CloudEvents 1.0 in JSON (https://github.com/cloudevents/spec, JSON event format 1.0).
// The names of extension attributes have only lower-case letters and digits. Invariant: the payload's bytes never change.

import { TidingsError } from '../errors/index.ts'
import type { LoggedEvent } from './envelope.ts'
import { checkKey, checkName, checkSimpleName, isPlainText } from './names.ts'
import { rawMember } from './raw-member.ts'
import { parseTime } from './time-text.ts'

/** Writes an event as a CloudEvent in JSON text. */
export function toCloudEvent(event: LoggedEvent): string {
  const attributes = {
    specversion: '1.0',
    id: event.id,
    source: `/${event.source}`,
    type: event.type,
    time: new Date(event.occurredAt).toISOString(),
    datacontenttype: 'application/json',
    partitionkey: event.key,
    sequence: event.position,
    correlationid: event.correlationId,
    causationid: event.causationId,
    causedby: event.causedBy,
    dataversion: event.version,
    readablefrom: event.readableFrom,
    recordedtime: new Date(event.recordedAt).toISOString(),
    ...(event.entityVersion === null ? {} : { entityversion: event.entityVersion }),
    ...(event.data === null ? { tombstone: true } : {}),
    ...(event.downcasts === null ? {} : { downcasts: event.downcasts }),
    ...(event.principal === null ? {} : { principal: event.principal }),
    ...(event.tenant === null ? {} : { tenant: event.tenant }),
    ...(event.traceparent === null ? {} : { traceparent: event.traceparent }),
    ...(event.tracestate === null ? {} : { tracestate: event.tracestate }),
  }
  const text = JSON.stringify(attributes)
  return event.data === null ? text : `${text.slice(0, -1)},"data":${event.data}}`
}

/**
 * Reads a CloudEvent from JSON text.
 *
 * Throws `INVALID_ENVELOPE`, which names the missing or wrong attribute.
 */
export function fromCloudEvent(text: string): LoggedEvent {
  const event = parse(text)
  if (event.specversion !== '1.0') throw invalid('specversion', event.specversion)
  const source = textAttribute(event, 'source').replace(/^\//, '')
  const type = textAttribute(event, 'type')
  const key = textAttribute(event, 'partitionkey')
  try {
    checkSimpleName('service', source)
    checkName('event', type)
    checkKey('the event', key)
  } catch (cause) {
    throw new TidingsError('INVALID_ENVELOPE', `The event is not valid: ${(cause as Error).message}`, { cause })
  }
  const occurredAt = timeAttribute(event, 'time')
  const version = countAttribute(event, 'dataversion', 1)
  if (version < 1) throw invalid('dataversion', version)
  const readableFrom = countAttribute(event, 'readablefrom', version)
  if (readableFrom < 1 || readableFrom > version) throw invalid('readablefrom', readableFrom)
  return {
    id: textAttribute(event, 'id'),
    source,
    type,
    version,
    readableFrom,
    key,
    data: dataAttribute(event, text),
    downcasts: downcastsAttribute(event),
    entityVersion: event.entityversion === undefined ? null : countAttribute(event, 'entityversion', 0),
    occurredAt,
    recordedAt: event.recordedtime === undefined ? occurredAt : timeAttribute(event, 'recordedtime'),
    correlationId: optionalText(event, 'correlationid') ?? textAttribute(event, 'id'),
    causationId: optionalText(event, 'causationid') ?? textAttribute(event, 'id'),
    causedBy: optionalText(event, 'causedby') ?? `service/${source}`,
    principal: optionalText(event, 'principal'),
    tenant: optionalText(event, 'tenant'),
    traceparent: optionalText(event, 'traceparent'),
    tracestate: optionalText(event, 'tracestate'),
    position: textAttribute(event, 'sequence'),
  }
}

type Attributes = Record<string, unknown>

function parse(text: string): Attributes {
  try {
    const event: unknown = JSON.parse(text)
    if (typeof event === 'object' && event !== null && !Array.isArray(event)) return event as Attributes
  } catch (cause) {
    throw new TidingsError('INVALID_ENVELOPE', 'The event is not JSON.', { cause })
  }
  throw new TidingsError('INVALID_ENVELOPE', 'The event is not a JSON object.')
}

function textAttribute(event: Attributes, name: string): string {
  const value = event[name]
  if (typeof value !== 'string' || value === '' || value.length > 2048 || !isPlainText(value))
    throw invalid(name, value)
  return value
}

function optionalText(event: Attributes, name: string): string | null {
  return event[name] === undefined || event[name] === null ? null : textAttribute(event, name)
}

/** The data exactly as received; `null` for a tombstone, which has no data. */
function dataAttribute(event: Attributes, text: string): string | null {
  const { tombstone = false, data } = event
  if (typeof tombstone !== 'boolean') throw invalid('tombstone', tombstone)
  if (tombstone !== (data === undefined)) throw invalid('data', data)
  return tombstone ? null : (rawMember(text, 'data') ?? null)
}

/** The data in older versions of the contract, by version: a JSON object as text. It may be longer than other attributes. */
function downcastsAttribute({ downcasts }: Attributes): string | null {
  if (downcasts === undefined || downcasts === null) return null
  if (typeof downcasts !== 'string') throw invalid('downcasts', downcasts)
  try {
    const renderings: unknown = JSON.parse(downcasts)
    if (typeof renderings === 'object' && renderings !== null && !Array.isArray(renderings)) return downcasts
  } catch {
    // Refused below, like JSON that is not an object.
  }
  throw invalid('downcasts', downcasts)
}

function timeAttribute(event: Attributes, name: string): number {
  const time = parseTime(textAttribute(event, name))
  if (time === undefined) throw invalid(name, event[name])
  return time
}

function countAttribute(event: Attributes, name: string, fallback: number): number {
  const value = event[name] ?? fallback
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 0) throw invalid(name, value)
  return value
}

function invalid(name: string, value: unknown): TidingsError {
  const found = value === undefined ? 'missing' : `${JSON.stringify(value)?.slice(0, 60)}`
  return new TidingsError('INVALID_ENVELOPE', `The attribute "${name}" of the event is ${found}.`, {
    details: { attribute: name },
  })
}
