// Checks of what untyped code gives to a function of the framework, and words for it. Invariant: a check never throws anything but its own
// error, whatever it is given, and names the thing, the value and what to write.

import { TidingsError } from './tidings-error.ts'

/** The most characters of a text that is shown. */
const shownLengthMax = 40

/** A value in words: `"abc"`, `7`, `undefined`, `a function`, `an array`, `an object`. */
export function shownValue(value: unknown): string {
  switch (typeof value) {
    case 'string':
      return value.length > shownLengthMax
        ? `${JSON.stringify(value.slice(0, shownLengthMax))} and more`
        : JSON.stringify(value)
    case 'number':
    case 'boolean':
    case 'undefined':
      return String(value)
    case 'function':
      return 'a function'
    case 'object':
      if (value === null) return 'null'
      return kindOfObject(value)
    default:
      return `a ${typeof value}`
  }
}

// A promise is named, because a forgotten `await` is what most often leads here.
function kindOfObject(value: object): string {
  try {
    if (Array.isArray(value)) return 'an array'
    const { kind, then } = value as { readonly kind?: unknown; readonly then?: unknown }
    if (typeof then === 'function') return 'a promise'
    if (typeof kind === 'string' && /^[a-z-]{1,20}$/.test(kind)) return `an object of the kind "${kind}"`
    return 'an object'
  } catch {
    return 'an object'
  }
}

/** What a check of a given value says. */
export interface Wanted {
  /** What was given, as the subject of a sentence: `The options of event shop.order-placed`. */
  readonly what: string
  /** What it has to be: `an object`. */
  readonly wanted: string
  /** What to write instead. */
  readonly hint: string
}

/** The error about a value that cannot be used. A promise and `undefined` get a hint of their own: they have causes that are easily missed. */
export function unusable(value: unknown, { what, wanted, hint }: Wanted): TidingsError {
  const shown = shownValue(value)
  const cause =
    shown === 'a promise'
      ? ' It is a promise: `await` it first (`await import(…)` gives the module, not its default export).'
      : shown === 'undefined'
        ? ' If it is imported, the module that defines it has not run yet: two modules that import each other are a circle; move what both need into a third one.'
        : ''
  return new TidingsError('INVALID_CONTRACT', `${what} must be ${wanted}, but it is ${shown}.`, {
    hint: `${hint}${cause}`,
  })
}

/** Returns an object that was given; throws `INVALID_CONTRACT` for anything else, arrays and promises included. */
export function givenObject<T extends object>(value: T, says: Omit<Wanted, 'wanted'>): T {
  const shown = shownValue(value)
  if (typeof value === 'object' && value !== null && shown !== 'an array' && shown !== 'a promise') return value
  throw unusable(value, { ...says, wanted: 'an object' })
}

/** Returns a function that was given; throws `INVALID_CONTRACT` for anything else. */
export function givenFunction<T>(value: T, says: Omit<Wanted, 'wanted'>): T {
  if (typeof value === 'function') return value
  throw unusable(value, { ...says, wanted: 'a function' })
}

/** Returns a list that was given; throws `INVALID_CONTRACT` for anything else. */
export function givenList<T>(value: readonly T[], says: Omit<Wanted, 'wanted'>): readonly T[] {
  if (Array.isArray(value)) return value
  throw unusable(value, { ...says, wanted: 'a list' })
}
