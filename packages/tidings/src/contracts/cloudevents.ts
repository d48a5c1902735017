// The wire format: CloudEvents 1.0 in JSON (https://github.com/cloudevents/spec, JSON event format 1.0).
// Extensions follow its naming rule: lower-case letters and digits only. The payload's bytes are carried as they are.

import { TidingsError } from '../errors/index.ts'
import type { LoggedEvent } from './envelope.ts'
import { checkKey, checkName, checkSimpleName } from './names.ts'
import { rawMember } from './raw-member.ts'

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
    ...(event.traceparent === null ? {} : { traceparent: event.traceparent }),
  }
  const text = JSON.stringify(attributes)
  return event.data === null ? text : `${text.slice(0, -1)},"data":${event.data}}`
}

/**
 * Reads a CloudEvent from JSON text.
 *
 * Throws `INVALID_ENVELOPE` naming the attribute that is missing or wrong.
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
    throw new TidingsError('INVALID_ENVELOPE', `The event is refused: ${(cause as Error).message}`, { cause })
  }
  const occurredAt = timeAttribute(event, 'time')
  const version = countAttribute(event, 'dataversion', 1)
  if (version < 1) throw invalid('dataversion', version)
  const data = event.tombstone === true ? null : rawMember(text, 'data')
  if (data === undefined) throw invalid('data', undefined)
  return {
    id: textAttribute(event, 'id'),
    source,
    type,
    version,
    readableFrom: countAttribute(event, 'readablefrom', version),
    key,
    data,
    downcasts: downcastsAttribute(event),
    entityVersion: event.entityversion === undefined ? null : countAttribute(event, 'entityversion', 0),
    occurredAt,
    recordedAt: event.recordedtime === undefined ? occurredAt : timeAttribute(event, 'recordedtime'),
    correlationId: optionalText(event, 'correlationid') ?? textAttribute(event, 'id'),
    causationId: optionalText(event, 'causationid') ?? textAttribute(event, 'id'),
    causedBy: optionalText(event, 'causedby') ?? `service/${source}`,
    principal: optionalText(event, 'principal'),
    traceparent: optionalText(event, 'traceparent'),
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
  if (typeof value !== 'string' || value === '' || value.length > 2048) throw invalid(name, value)
  return value
}

function optionalText(event: Attributes, name: string): string | null {
  return event[name] === undefined || event[name] === null ? null : textAttribute(event, name)
}

/** Renderings of the data: JSON text, as long as data may be. */
function downcastsAttribute({ downcasts }: Attributes): string | null {
  if (downcasts === undefined || downcasts === null) return null
  if (typeof downcasts !== 'string') throw invalid('downcasts', downcasts)
  try {
    JSON.parse(downcasts)
    return downcasts
  } catch {
    throw invalid('downcasts', downcasts)
  }
}

function timeAttribute(event: Attributes, name: string): number {
  const time = Date.parse(textAttribute(event, name))
  if (Number.isNaN(time)) throw invalid(name, event[name])
  return time
}

function countAttribute(event: Attributes, name: string, otherwise: number): number {
  const value = event[name] ?? otherwise
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 0) throw invalid(name, value)
  return value
}

function invalid(name: string, value: unknown): TidingsError {
  const found = value === undefined ? 'missing' : `${JSON.stringify(value)?.slice(0, 60)}`
  return new TidingsError('INVALID_ENVELOPE', `The event's attribute "${name}" is ${found}.`, {
    details: { attribute: name },
  })
}
