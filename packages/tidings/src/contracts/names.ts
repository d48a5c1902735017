// One grammar for every name: contracts, services, tables, subscribers. What passes here is safe in a NATS subject, a SQL
// identifier, a URL path and a file name alike, so no driver ever has to escape or to trust.

import { TidingsError } from '../errors/index.ts'

const grammar = /^[a-z][a-z0-9]*(?:-[a-z0-9]+)*(?:\.[a-z][a-z0-9]*(?:-[a-z0-9]+)*)*$/
const simple = /^[a-z][a-z0-9]*(?:-[a-z0-9]+)*$/

/** The longest name, in characters. */
export const nameLengthMax = 120

/** The longest key of an event, stream or row, in UTF-16 units. */
export const keyLengthMax = 512

/** Checks a dotted name (`shop.order-placed`) and returns it; throws `INVALID_NAME`. */
export function checkName(kind: string, name: string): string {
  return check(kind, name, grammar)
}

/** Checks a name without dots (`order-placed`) and returns it; throws `INVALID_NAME`. */
export function checkSimpleName(kind: string, name: string): string {
  return check(kind, name, simple)
}

function check(kind: string, name: unknown, pattern: RegExp): string {
  if (typeof name !== 'string' || name.length > nameLengthMax || !pattern.test(name)) {
    const shown = typeof name === 'string' ? JSON.stringify(name.slice(0, nameLengthMax)) : typeof name
    throw new TidingsError('INVALID_NAME', `The ${kind} name ${shown} does not follow the grammar of names.`, {
      details: { kind },
    })
  }
  return name
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is refused here
const refusedInKeys = /[\u0000-\u001f\u007f]/

/** Whether a text can be kept and compared as it is: no control character, no half of a surrogate pair. */
export function isPlainText(text: string): boolean {
  return !refusedInKeys.test(text) && text.isWellFormed()
}

/** Checks a key and returns it; throws `INVALID_KEY`. */
export function checkKey(what: string, key: unknown): string {
  return checkText(`The key of ${what}`, key)
}

/** Checks a text that is kept and compared as it is, as keys are, and returns it; throws `INVALID_KEY`. */
export function checkText(what: string, text: unknown): string {
  if (typeof text !== 'string' || text === '' || text.length > keyLengthMax || !isPlainText(text)) {
    const shown =
      typeof text === 'string' ? `${JSON.stringify(text.slice(0, 40))} (${text.length} characters)` : typeof text
    throw new TidingsError('INVALID_KEY', `${what} cannot be ${shown}.`)
  }
  return text
}
