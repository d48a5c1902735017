// One grammar for the names of contracts, services, tables and subscribers. Invariant: a valid name is safe in a NATS subject, a SQL
// identifier, a URL path and a file name, so no driver has to escape it.

import { shownValue, TidingsError } from '../errors/index.ts'

const grammar = /^[a-z][a-z0-9]*(?:-[a-z0-9]+)*(?:\.[a-z][a-z0-9]*(?:-[a-z0-9]+)*)*$/
const simple = /^[a-z][a-z0-9]*(?:-[a-z0-9]+)*$/

/** The most characters of a name. */
export const nameLengthMax = 120

/** The most UTF-16 code units of the key of an event, stream or row. */
export const keyLengthMax = 512

/** Checks a dotted name (`shop.order-placed`) and returns it; throws `INVALID_NAME`. */
export function checkName(kind: string, name: string): string {
  return check(kind, name, grammar)
}

/** Checks a name without dots (`order-placed`) and returns it; throws `INVALID_NAME`. */
export function checkSimpleName(kind: string, name: string): string {
  return check(kind, name, simple)
}

const instanceGrammar = /^[A-Za-z0-9][A-Za-z0-9._-]*$/

/** Checks the name of an instance, which may be the name of a host, and returns it; throws `INVALID_NAME`, whose message begins with `what`. */
export function checkInstanceName(what: string, name: unknown): string {
  if (typeof name === 'string' && name.length <= nameLengthMax && instanceGrammar.test(name)) return name
  const shown = typeof name === 'string' ? JSON.stringify(name.slice(0, nameLengthMax)) : shownValue(name)
  throw new TidingsError('INVALID_NAME', `${what} must be the name of an instance, not ${shown}.`, {
    details: { kind: 'instance' },
    hint: 'Use letters and digits, ".", "_" and "-", beginning with a letter or a digit (at most 120 characters), such as web-1.',
  })
}

function check(kind: string, name: unknown, pattern: RegExp): string {
  if (typeof name !== 'string' || name.length > nameLengthMax || !pattern.test(name)) {
    const shown = typeof name === 'string' ? JSON.stringify(name.slice(0, nameLengthMax)) : shownValue(name)
    throw new TidingsError('INVALID_NAME', `The ${kind} name ${shown} is not valid.`, {
      details: { kind },
    })
  }
  return name
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: this pattern matches control characters on purpose
const refusedInKeys = /[\u0000-\u001f\u007f]/

/** Whether a text has no control character and no lone surrogate, so that every driver stores and compares it unchanged. */
export function isPlainText(text: string): boolean {
  return !refusedInKeys.test(text) && text.isWellFormed()
}

/** Checks a key and returns it; throws `INVALID_KEY`. */
export function checkKey(what: string, key: unknown): string {
  return checkText(`The key of ${what}`, key)
}

/** Checks a text by the rules for keys and returns it; throws `INVALID_KEY`. */
export function checkText(what: string, text: unknown): string {
  if (typeof text !== 'string' || text === '' || text.length > keyLengthMax || !isPlainText(text)) {
    const shown =
      typeof text === 'string' ? `${JSON.stringify(text.slice(0, 40))} (${text.length} characters)` : typeof text
    throw new TidingsError('INVALID_KEY', `${what} is not valid: ${shown}.`)
  }
  return text
}
