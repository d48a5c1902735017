// Any CloudEvent 1.0 in the JSON event format (https://github.com/cloudevents/spec), of this system or another.
// Invariant: nothing is dropped and nothing guessed. What is written again is the same event; its JSON data are the same bytes.

import { TidingsError } from '../errors/index.ts'
import { isPlainText } from './names.ts'
import { rawMember } from './raw-member.ts'
import { parseTime } from './time-text.ts'

/** The data of a CloudEvent: JSON text byte for byte; text of another media type; or bytes in Base64. `null` if there are none. */
export type CloudEventData = { readonly json: string } | { readonly text: string } | { readonly base64: string } | null

/** A CloudEvent, with every attribute that it has. */
export interface CloudEvent {
  readonly specversion: '1.0'
  /** Unique within the source. */
  readonly id: string
  /** Where it comes from: a URI or a part of one. */
  readonly source: string
  readonly type: string
  /** What it is about, within the source. */
  readonly subject?: string
  /** When it happened, in RFC 3339. */
  readonly time?: string
  /** The media type of the data. Default: JSON. */
  readonly datacontenttype?: string
  /** The URI of the schema of the data. */
  readonly dataschema?: string
  /** All other attributes, by name: text, integers and booleans. */
  readonly extensions: Readonly<Record<string, string | number | boolean>>
  readonly data: CloudEventData
}

type Members = Readonly<Record<string, unknown>>

const required = ['id', 'source', 'type'] as const
const optional = ['subject', 'time', 'datacontenttype', 'dataschema'] as const
const known = new Set<string>(['specversion', ...required, ...optional, 'data', 'data_base64'])

/** The longest attribute, in UTF-16 units: a CloudEvent that others must carry has at most 64 KiB. */
const attributeLengthMax = 65_536

/**
 * Reads any CloudEvent from JSON text. `loggedEventOf` makes an event of a service of it, if it is one.
 *
 * Throws `INVALID_ENVELOPE`, which names the attribute that is missing or that no CloudEvent can have.
 */
export function fromCloudEvent(text: string): CloudEvent {
  const members = membersOf(text)
  if (members.specversion !== '1.0') throw invalidAttribute('specversion', members.specversion)
  const found: Record<string, string> = {}
  for (const name of required) found[name] = textAttribute(members, name)
  for (const name of optional) if (isSet(members, name)) found[name] = textAttribute(members, name)
  if (found.time !== undefined && parseTime(found.time) === undefined) throw invalidAttribute('time', found.time)
  return {
    ...(found as unknown as Pick<CloudEvent, 'id' | 'source' | 'type'>),
    specversion: '1.0',
    extensions: extensionsOf(members),
    data: dataOf(members, text, found.datacontenttype),
  }
}

/** Writes a CloudEvent as JSON text. */
export function writeCloudEvent({ data, extensions, ...attributes }: CloudEvent): string {
  const text = JSON.stringify({ ...attributes, ...extensions })
  if (data === null) return text
  const [name, json] =
    'base64' in data
      ? ['data_base64', JSON.stringify(data.base64)]
      : ['data', 'json' in data ? data.json : JSON.stringify(data.text)]
  return `${text.slice(0, -1)},"${name}":${json}}`
}

/** Whether a media type is JSON: `application/json`, `text/json; charset=utf-8`, `application/problem+json`. No type means JSON. */
export function isJsonType(type: string | undefined): boolean {
  return type === undefined || /^[^/;]+\/(?:[^;]+\+)?json\s*(?:;|$)/i.test(type.trim())
}

function membersOf(text: string): Members {
  let event: unknown
  try {
    event = JSON.parse(text)
  } catch (cause) {
    throw new TidingsError('INVALID_ENVELOPE', 'The event is not JSON.', { cause })
  }
  if (Array.isArray(event))
    throw new TidingsError('INVALID_ENVELOPE', 'The event is a JSON array: a batch. Read its members one by one.')
  if (typeof event === 'object' && event !== null) return event as Members
  throw new TidingsError('INVALID_ENVELOPE', 'The event is not a JSON object.')
}

// An attribute of null is the same as none.
function isSet(members: Members, name: string): boolean {
  return Object.hasOwn(members, name) && members[name] !== null
}

/** An attribute that is a text, without control characters; throws `INVALID_ENVELOPE`. */
export function textAttribute(members: Members, name: string, lengthMax = attributeLengthMax): string {
  const value = members[name]
  if (typeof value !== 'string' || value === '' || value.length > lengthMax || !isPlainText(value))
    throw invalidAttribute(name, value)
  return value
}

function extensionsOf(members: Members): CloudEvent['extensions'] {
  const extensions: Record<string, string | number | boolean> = {}
  for (const [name, value] of Object.entries(members)) {
    if (known.has(name) || value === null) continue
    if (!/^[a-z0-9]+$/.test(name))
      throw new TidingsError(
        'INVALID_ENVELOPE',
        `The event has an attribute ${JSON.stringify(name.slice(0, 60))}; names have lower-case letters and digits only.`,
        { details: { attribute: name.slice(0, 60) } },
      )
    // Text of others may have control characters: events of the public conformance suite do.
    const fits =
      typeof value === 'boolean' ||
      Number.isSafeInteger(value) ||
      (typeof value === 'string' &&
        value.isWellFormed() &&
        (name === 'downcasts' || value.length <= attributeLengthMax))
    if (!fits) throw invalidAttribute(name, value)
    extensions[name] = value as string | number | boolean
  }
  return extensions
}

function dataOf(members: Members, text: string, type: string | undefined): CloudEventData {
  const { data, data_base64: base64 } = members
  if (base64 !== undefined && base64 !== null) {
    if (data !== undefined)
      throw new TidingsError('INVALID_ENVELOPE', 'The event has both data and data_base64; it can have one of them.')
    if (typeof base64 !== 'string' || !isBase64(base64)) throw invalidAttribute('data_base64', base64)
    return { base64 }
  }
  if (data === undefined) return null
  if (typeof data === 'string' && !isJsonType(type)) return { text: data }
  return { json: rawMember(text, 'data') ?? 'null' }
}

function isBase64(text: string): boolean {
  return text.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(text)
}

/** The error for an attribute that is missing, or has a value that it cannot have. */
export function invalidAttribute(name: string, value: unknown): TidingsError {
  const found = value === undefined ? 'missing' : `${JSON.stringify(value)?.slice(0, 60)}`
  return new TidingsError('INVALID_ENVELOPE', `The attribute "${name}" of the event is ${found}.`, {
    details: { attribute: name },
  })
}
