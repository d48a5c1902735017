// The events of services as CloudEvents 1.0, and back. `cloudevent-format.ts` reads and writes any CloudEvent.
// Invariant: an event that is written and read again is the same event, and its data are the same bytes.

import { TidingsError } from '../errors/index.ts'
import {
  type CloudEvent,
  fromCloudEvent,
  invalidAttribute,
  isJsonType,
  textAttribute,
  writeCloudEvent,
} from './cloudevent-format.ts'
import type { LoggedEvent } from './envelope.ts'
import { checkKey, checkName, checkSimpleName } from './names.ts'
import { parseTime } from './time-text.ts'

/** Writes an event of a service, or any CloudEvent, as a CloudEvent in JSON text. */
export function toCloudEvent(event: LoggedEvent | CloudEvent): string {
  if ('specversion' in event) return writeCloudEvent(event)
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
 * The event of a service that a CloudEvent is.
 *
 * Throws `INVALID_ENVELOPE`, which names what an event of a service cannot have: another form of `source` or `type`, data that are not JSON,
 * no `partitionkey`, `sequence` or `time`. Attributes that such an event does not have, such as `subject`, stay in the CloudEvent.
 */
export function loggedEventOf(event: CloudEvent): LoggedEvent {
  const attributes: Attributes = { ...event.extensions, ...event }
  const source = event.source.replace(/^\//, '')
  const key = textOf(attributes, 'partitionkey')
  try {
    checkSimpleName('service', source)
    checkName('event', event.type)
    checkKey('the event', key)
  } catch (cause) {
    throw new TidingsError('INVALID_ENVELOPE', `The event is not one of a service: ${(cause as Error).message}`, {
      cause,
    })
  }
  const occurredAt = timeAttribute(attributes, 'time')
  const version = countAttribute(attributes, 'dataversion', 1)
  if (version < 1) throw invalidAttribute('dataversion', version)
  const readableFrom = countAttribute(attributes, 'readablefrom', version)
  if (readableFrom < 1 || readableFrom > version) throw invalidAttribute('readablefrom', readableFrom)
  const id = textOf(attributes, 'id')
  return {
    id,
    source,
    type: event.type,
    version,
    readableFrom,
    key,
    data: dataOf(event),
    downcasts: downcastsAttribute(attributes),
    entityVersion: attributes.entityversion === undefined ? null : countAttribute(attributes, 'entityversion', 0),
    occurredAt,
    recordedAt: attributes.recordedtime === undefined ? occurredAt : timeAttribute(attributes, 'recordedtime'),
    correlationId: optionalText(attributes, 'correlationid') ?? id,
    causationId: optionalText(attributes, 'causationid') ?? id,
    causedBy: optionalText(attributes, 'causedby') ?? `service/${source}`,
    principal: optionalText(attributes, 'principal'),
    tenant: optionalText(attributes, 'tenant'),
    traceparent: optionalText(attributes, 'traceparent'),
    tracestate: optionalText(attributes, 'tracestate'),
    position: textOf(attributes, 'sequence'),
  }
}

/** Reads an event of a service from the JSON text of a CloudEvent; throws `INVALID_ENVELOPE`. */
export function readLoggedEvent(text: string): LoggedEvent {
  return loggedEventOf(fromCloudEvent(text))
}

type Attributes = Readonly<Record<string, unknown>>

/** The longest attribute of an event of a service, in UTF-16 units. */
const attributeLengthMax = 2_048

function textOf(attributes: Attributes, name: string): string {
  return textAttribute(attributes, name, attributeLengthMax)
}

function optionalText(attributes: Attributes, name: string): string | null {
  return attributes[name] === undefined ? null : textOf(attributes, name)
}

/** The data exactly as received; `null` for a tombstone, which has no data. */
function dataOf({ data, datacontenttype, extensions }: CloudEvent): string | null {
  const { tombstone = false } = extensions
  if (typeof tombstone !== 'boolean') throw invalidAttribute('tombstone', tombstone)
  if (tombstone !== (data === null)) throw invalidAttribute('data', data === null ? undefined : '…')
  if (data === null) return null
  if ('json' in data && isJsonType(datacontenttype)) return data.json
  const found = 'base64' in data ? 'bytes' : (datacontenttype?.slice(0, 60) ?? 'text')
  throw new TidingsError('INVALID_ENVELOPE', `The data of the event are ${found}; an event of a service has JSON.`, {
    details: { attribute: 'data' },
  })
}

/** The data in older versions of the contract, by version: a JSON object as text. It may be longer than other attributes. */
function downcastsAttribute({ downcasts }: Attributes): string | null {
  if (downcasts === undefined) return null
  if (typeof downcasts !== 'string') throw invalidAttribute('downcasts', downcasts)
  try {
    const renderings: unknown = JSON.parse(downcasts)
    if (typeof renderings === 'object' && renderings !== null && !Array.isArray(renderings)) return downcasts
  } catch {
    // Refused below, like JSON that is not an object.
  }
  throw invalidAttribute('downcasts', downcasts)
}

function timeAttribute(attributes: Attributes, name: string): number {
  const time = parseTime(textOf(attributes, name))
  if (time === undefined) throw invalidAttribute(name, attributes[name])
  return time
}

function countAttribute(attributes: Attributes, name: string, fallback: number): number {
  const value = attributes[name] ?? fallback
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 0) throw invalidAttribute(name, value)
  return value
}
