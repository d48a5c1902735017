// The one place that looks at a thrown value. JavaScript can throw anything: undefined, a symbol, a proxy, an error without a stack.
// Invariant: nothing here throws or runs for long, whatever it is given; every answer consists of texts.

import { errorRegistry, type Retry } from './registry.ts'
import { isTidingsError, readMember } from './tidings-error.ts'

/** The mark of a rejection, which is a value of the domain. Functions may also throw it. */
export const rejectionKind = 'tidings.rejection'

/** What is known of a thrown value. */
export interface Thrown {
  /** The code of a `TidingsError`; `HANDLER_REJECTED` for a rejection; `HANDLER_FAILED` for anything else. */
  readonly code: string
  /** The class of an error; the type of any other value. */
  readonly name: string
  /** What happened. For an error of user code it begins with the error's class. */
  readonly message: string
  /** What to do next. */
  readonly hint: string
  /** Whether a retry can help. */
  readonly retry: Retry
  /** The whole stack, of the cause if there is one; `undefined` if there is none, or if it is not a text. */
  readonly stack: string | undefined
}

type Texts = [code: string, hint: string, message: string]

/** Describes anything that was thrown. */
export function describeThrown(value: unknown): Thrown {
  if (isTidingsError(value)) {
    const [code, hint, message] = ['code', 'hint', 'message'].map((name) => textOf(readMember(value, name))) as Texts
    const stack = stackOf(readMember(value, 'cause')) ?? stackOf(value)
    return { code, retry: retryOf(value), hint, name: 'TidingsError', message, stack }
  }
  const rejection = rejectionIn(value)
  if (rejection !== undefined) {
    const { retry, hint } = errorRegistry.HANDLER_REJECTED
    const message = `It was rejected: ${withMessage(rejection.code, rejection.message)}`
    return { code: 'HANDLER_REJECTED', retry, hint, name: 'Rejection', message, stack: undefined }
  }
  settleThrownPromise(value)
  const error = errorIn(value)
  return {
    code: 'HANDLER_FAILED',
    retry: errorRegistry.HANDLER_FAILED.retry,
    hint: errorRegistry.HANDLER_FAILED.hint,
    name: error?.name ?? typeof value,
    message: error === undefined ? `It threw ${shown(value)}.` : withMessage(error.name, error.message),
    stack: stackOf(value),
  }
}

// An error may be thrown without a message; then its class is all that it says.
function withMessage(name: string, message: string): string {
  return message === '' ? `${name}, without a message` : `${name}: ${message}`
}

/** The bare message of anything that was thrown, without an error's class: for a person at a terminal, who may see a thrown text too. */
export function messageOfThrown(value: unknown): string {
  if (typeof value === 'string') return value
  const error = errorIn(value)
  if (error === undefined) return describeThrown(value).message
  return error.message === '' ? error.name : error.message
}

/** The retry class of anything that was thrown: `never` for a rejection, `backoff` for anything but a `TidingsError`. */
export function retryOf(value: unknown): Retry {
  if (isTidingsError(value)) return (readMember(value, 'retry') as Retry | undefined) ?? 'backoff'
  return rejectionIn(value) === undefined ? 'backoff' : errorRegistry.HANDLER_REJECTED.retry
}

/** Whether a value is an instance of a class; a proxy cannot make it throw. */
export function isInstance<T>(value: unknown, type: abstract new (...given: never[]) => T): value is T {
  try {
    return value instanceof type
  } catch {
    return false
  }
}

function rejectionIn(value: unknown): { readonly code: string; readonly message: string } | undefined {
  if (!isObject(value) || readMember(value, 'kind') !== rejectionKind) return undefined
  return { code: textOf(readMember(value, 'code')), message: textOf(readMember(value, 'message')) }
}

// An error is known by its members, because errors of another realm, such as a worker's or a sandbox's, are not instances of `Error`.
function errorIn(value: unknown): { readonly name: string; readonly message: string } | undefined {
  if (!isObject(value)) return undefined
  const [name, message] = [readMember(value, 'name'), readMember(value, 'message')]
  return typeof name === 'string' && typeof message === 'string'
    ? { name: cut(name, nameLengthMax), message }
    : undefined
}

// A thrown text says what happened, as an error's message does. Any other value may hold a payload, so only its type is shown.
function shown(value: unknown): string {
  if (typeof value === 'string') return `a text, which is not an error: ${cut(value, textLengthMax)}`
  if (isInstance(value, Promise)) return 'a promise, which is not an error; put `await` before it'
  if (isInstance(value, Error)) return 'an error whose name or message cannot be read'
  return `${shownType(value)}, which is not an error`
}

function shownType(value: unknown): string {
  if (value === null || value === undefined) return String(value)
  if (!isObject(value)) return `a ${typeof value}`
  const made = readMember(readMember(value, 'constructor'), 'name')
  const by =
    typeof value === 'object' && typeof made === 'string' && made !== '' ? ` (${cut(made, nameLengthMax)})` : ''
  return `a value of type ${typeof value}${by}`
}

// A promise that was thrown may be rejected. Nobody else waits for it, and an unhandled rejection ends the process.
function settleThrownPromise(value: unknown): void {
  if (!isInstance(value, Promise)) return
  try {
    void Promise.prototype.then.call(value, undefined, () => {})
  } catch {
    // It only looks like a promise, so nothing of it can be rejected.
  }
}

function stackOf(value: unknown): string | undefined {
  const stack = isObject(value) ? readMember(value, 'stack') : undefined
  return typeof stack === 'string' && stack !== '' ? cut(stack, stackLengthMax) : undefined
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : `a value of type ${typeof value}`
}

function isObject(value: unknown): value is object {
  return (typeof value === 'object' && value !== null) || typeof value === 'function'
}

const nameLengthMax = 120
const textLengthMax = 500
const stackLengthMax = 20_000

function cut(text: string, lengthMax: number): string {
  return text.length > lengthMax ? `${text.slice(0, lengthMax - 1)}…` : text
}
