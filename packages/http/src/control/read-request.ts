// Reads the parts of a control request; an error names the part that is wrong.

import { TidingsError } from 'tidings'
import type { DeferredSelection } from 'tidings/operations'
import type { Exchange } from '../endpoint/exchange.ts'
import { readJson } from '../endpoint/read-json.ts'

const limits = { bodyBytesMax: 16_777_216, payloadDepthMax: 64 }

/** The body of a request, which must be an object. */
export async function bodyOf(
  { request }: Exchange,
  bodyBytesMax = limits.bodyBytesMax,
): Promise<Readonly<Record<string, unknown>>> {
  const body = await readJson(request, { ...limits, bodyBytesMax })
  if (typeof body !== 'object' || body === null || Array.isArray(body)) throw wrong('', 'must be an object')
  return body as Readonly<Record<string, unknown>>
}

/** A member that must be a string and not empty. */
export function textOf(body: Readonly<Record<string, unknown>>, name: string): string {
  const value = body[name]
  if (typeof value !== 'string' || value === '') throw wrong(name, 'must be a string that is not empty')
  return value
}

/** A member that may be missing or `null`, and otherwise must be a string that is not empty. */
export function optionalTextOf(body: Readonly<Record<string, unknown>>, name: string): string | undefined {
  return body[name] === undefined || body[name] === null ? undefined : textOf(body, name)
}

/** A member that must be one of the given words. */
export function oneOf<const W extends string>(
  body: Readonly<Record<string, unknown>>,
  name: string,
  words: readonly W[],
): W {
  const found = words.find((word) => word === body[name])
  if (found === undefined) throw wrong(name, `must be one of ${words.join(', ')}`)
  return found
}

const selectionNames = ['subscriber', 'source', 'key', 'type', 'code', 'id'] as const

/** The selection of deferred events in a body or query string. */
export function selectionOf(given: Readonly<Record<string, unknown>>): DeferredSelection {
  // If the old name were ignored, every subscriber would be selected.
  if (Object.hasOwn(given, 'lane')) throw wrong('lane', 'is now called subscriber')
  const selection: Record<string, string> = {}
  for (const name of selectionNames) {
    const value = optionalTextOf(given, name)
    if (value !== undefined) selection[name] = value
  }
  return selection
}

/** The parameter `limit`, from 1 to `most`. */
export function limitOf(exchange: Exchange, standard: number, most: number): number {
  return numberOf(exchange.queries(), 'limit', 1, most) ?? standard
}

/** A parameter that must be a whole number from `least` to `most`; `undefined` if it is missing. */
export function numberOf(
  query: Readonly<Record<string, string>>,
  name: string,
  least: number,
  most: number,
): number | undefined {
  const text = query[name]
  if (text === undefined) return undefined
  const number = Number(text)
  if (!Number.isInteger(number) || number < least || number > most)
    throw wrong(name, `must be a whole number from ${least} to ${most}`)
  return number
}

/** The error for a member or parameter that is wrong; an empty name means the body itself. */
export function wrong(name: string, message: string): TidingsError {
  const what = name === '' ? 'The body' : name
  return new TidingsError('INVALID_PAYLOAD', `${what} ${message}.`, {
    details: { issues: [{ path: name === '' ? '' : `/${name}`, message }] },
  })
}
