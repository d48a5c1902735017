// Payloads are JSON only. They are checked once, on the way in, and then carried byte for byte.
// Invariant: a value that JSON.stringify would silently change (undefined, NaN, a date, a class instance) is refused.

import { TidingsError } from '../errors/index.ts'
import { pointerTo } from './json-pointer.ts'

/** A JSON value. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [name: string]: Json }

/** The limits of a payload. */
export interface PayloadLimits {
  /** The most bytes of the JSON text in UTF-8. */
  readonly payloadBytesMax: number
  /** The most levels of nested arrays and objects. */
  readonly payloadDepthMax: number
}

/** The default limits: 256 KiB and 64 levels. */
export const defaultPayloadLimits: PayloadLimits = { payloadBytesMax: 262_144, payloadDepthMax: 64 }

/**
 * Converts a value to JSON text that parses back to the same value.
 *
 * Throws `PAYLOAD_NOT_JSON`, `PAYLOAD_TOO_DEEP` or `PAYLOAD_TOO_LARGE`; `what` names the payload in the message.
 */
export function toJson(what: string, value: unknown, limits: PayloadLimits): string {
  const fault = faultIn(value, limits.payloadDepthMax)
  if (fault !== undefined) refuse(what, fault)
  const text = JSON.stringify(value)
  if (
    text.length > limits.payloadBytesMax ||
    (text.length * 3 > limits.payloadBytesMax && byteLength(text) > limits.payloadBytesMax)
  ) {
    throw new TidingsError(
      'PAYLOAD_TOO_LARGE',
      `${what} has ${byteLength(text)} bytes; payloadBytesMax is ${limits.payloadBytesMax}.`,
    )
  }
  return text
}

// What keeps a value from being JSON, and where. The path is put together only where something is wrong: almost nothing is.
interface Fault {
  readonly found: string | undefined
  readonly path: string
}

const tooDeep: Fault = { found: undefined, path: '' }

function faultIn(value: unknown, depthLeft: number): Fault | undefined {
  switch (typeof value) {
    case 'string':
      return value.isWellFormed() ? undefined : here('a lone surrogate')
    case 'boolean':
      return undefined
    case 'number':
      // Any finite double is printed so that it parses back to itself. What a text from outside says is checked where it is parsed.
      return Number.isFinite(value) ? undefined : here(String(value))
    case 'object':
      break
    default:
      return here(value === undefined ? 'undefined' : `a ${typeof value}`)
  }
  if (value === null) return undefined
  if (depthLeft === 0) return tooDeep
  return Array.isArray(value) ? faultInArray(value, depthLeft) : faultInObject(value, depthLeft)
}

function faultInArray(value: readonly unknown[], depthLeft: number): Fault | undefined {
  if (Object.getPrototypeOf(value) !== Array.prototype || Object.hasOwn(value, 'toJSON'))
    return here('an array that is not plain')
  for (let i = 0; i < value.length; i++) {
    const fault = faultIn(value[i], depthLeft - 1)
    if (fault !== undefined) return within(i, fault)
  }
  return undefined
}

function faultInObject(value: object, depthLeft: number): Fault | undefined {
  const prototype = Object.getPrototypeOf(value)
  if (prototype !== Object.prototype && prototype !== null)
    return here(`an instance of ${prototype.constructor?.name ?? 'a class'}`)
  const object = value as Record<string, unknown>
  for (const name in object) {
    if (name === '__proto__') return here('a member named __proto__')
    if (!name.isWellFormed()) return here('a member whose name has a lone surrogate')
    const member = object[name]
    // TypeScript code sets a member to undefined to leave it out, and JSON.stringify does leave it out.
    if (member === undefined) continue
    const fault = faultIn(member, depthLeft - 1)
    if (fault !== undefined) return within(name, fault)
  }
  return undefined
}

function here(found: string): Fault {
  return { found, path: '' }
}

function within(name: PropertyKey, { found, path }: Fault): Fault {
  return { found, path: pointerTo(name) + path }
}

function refuse(what: string, { found, path }: Fault): never {
  if (found === undefined) throw new TidingsError('PAYLOAD_TOO_DEEP', `${what} is nested deeper than payloadDepthMax.`)
  throw new TidingsError('PAYLOAD_NOT_JSON', `${what} holds ${found} at ${path === '' ? 'its root' : path}.`, {
    details: { path },
  })
}

/** The length of a text in UTF-8 bytes. */
export function byteLength(text: string): number {
  let bytes = text.length
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i)
    if (unit > 0x7f) bytes += unit > 0x7ff ? (unit >= 0xd800 && unit <= 0xdfff ? 1 : 2) : 1
  }
  return bytes
}
