// Reading what a control request asks for, in words that name the part that is wrong.

import { TidingsError } from 'tidings'
import type { DeferredSelection } from 'tidings/operations'
import type { Exchange } from '../endpoint/exchange.ts'
import { readJson } from '../endpoint/read-json.ts'

const limits = { bodyBytesMax: 16_777_216, payloadDepthMax: 64 }

/** A request's body as an object. */
export async function bodyOf({ request }: Exchange): Promise<Readonly<Record<string, unknown>>> {
  const body = await readJson(request, limits)
  if (typeof body !== 'object' || body === null || Array.isArray(body)) throw wrong('', 'must be an object')
  return body as Readonly<Record<string, unknown>>
}

/** A member that must be a text. */
export function textOf(body: Readonly<Record<string, unknown>>, name: string): string {
  const value = body[name]
  if (typeof value !== 'string' || value === '') throw wrong(name, 'must be a text')
  return value
}

/** A member that may be a text. */
export function optionalTextOf(body: Readonly<Record<string, unknown>>, name: string): string | undefined {
  return body[name] === undefined || body[name] === null ? undefined : textOf(body, name)
}

/** A member that must be one of some words. */
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

/** Which deferred events are meant, from a body or a query string. */
export function selectionOf(given: Readonly<Record<string, unknown>>): DeferredSelection {
  // Ignored, the old name would select every subscriber.
  if (Object.hasOwn(given, 'lane')) throw wrong('lane', 'is now called subscriber')
  const selection: Record<string, string> = {}
  for (const name of selectionNames) {
    const value = optionalTextOf(given, name)
    if (value !== undefined) selection[name] = value
  }
  return selection
}

/** How many, within bounds. */
export function limitOf(exchange: Exchange, standard: number, most: number): number {
  return numberOf(exchange.queries(), 'limit', 1, most) ?? standard
}

/** A whole number of a query string, within bounds; `undefined` where it is not given. */
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
    throw wrong(name, `must be from ${least} to ${most}`)
  return number
}

/** An input that is wrong at a place. */
export function wrong(name: string, message: string): TidingsError {
  const what = name === '' ? 'The body' : name
  return new TidingsError('INVALID_PAYLOAD', `${what} ${message}.`, {
    details: { issues: [{ path: name === '' ? '' : `/${name}`, message }] },
  })
}
