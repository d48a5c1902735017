// Checks of what untyped code gives to a function of the framework, and words for it. Invariant: a check never throws anything but its own
// error, whatever it is given, and the error names the thing, the value and what to write.

import { TidingsError } from './tidings-error.ts'

/** The most characters of a text that is shown. */
const shownLengthMax = 40

/** A value in words: `"abc"`, `7`, `undefined`, `a function`, `a list`, `an object`, `a command`. It never throws. */
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
    case 'object':
      return value === null ? 'null' : shownObject(value)
    default:
      return `a ${typeof value}`
  }
}

// A promise is named, because a forgotten `await` often leads here; so is the kind of a declaration, because it may be the wrong one.
function shownObject(value: object): string {
  try {
    if (Array.isArray(value)) return 'a list'
    const { kind, name, then, [Symbol.toStringTag]: tag } = value as Readonly<Record<PropertyKey, unknown>>
    if (typeof then === 'function') return 'a promise'
    if (tag === 'Module') return 'a whole module'
    if (typeof kind !== 'string' || kind.length > shownLengthMax * 2) return 'an object'
    return typeof name === 'string' && name.length <= shownLengthMax * 2
      ? `${name}, ${withArticle(kind)}`
      : withArticle(kind)
  } catch {
    return 'an object'
  }
}

// The kind of a contract without a key is a sentence that begins with its article.
function withArticle(kind: string): string {
  return /^an? /.test(kind) ? kind : `${/^[aeiou]/.test(kind) ? 'an' : 'a'} ${kind}`
}

/** What a check of a given value says. */
export interface Says {
  /** What was given, as the subject of a sentence: `The options of event shop.order-placed`. */
  readonly what: string
  /** What to write. */
  readonly hint: string
}

const causes: Readonly<Record<string, string>> = {
  'a promise': ' `await` the promise first.',
  'a whole module': ' Take what you need out of the module: `const { name } = await import(…)`.',
}

const circle =
  ' If you import it, check its name. If the name is right, two modules import each other: move what both need into a third module.'

/** The error about a value that cannot be used. What has causes that are easily missed gets their fix in its hint. */
export function unusable(value: unknown, wanted: string, { what, hint }: Says): TidingsError {
  const shown = shownValue(value)
  return new TidingsError('INVALID_CONTRACT', `${what} must be ${wanted}, but it is ${shown}.`, {
    hint: `${hint}${causes[shown] ?? ''}`,
  })
}

/** What is added to a hint if a value is `undefined` that is usually imported. */
export function importHint(value: unknown): string {
  return value === undefined ? circle : ''
}

/** Checks that a value is an object, and no list or promise; throws `INVALID_CONTRACT`. */
export function checkObject(value: unknown, says: Says): void {
  const shown = shownValue(value)
  if (typeof value !== 'object' || value === null || shown === 'a list' || shown === 'a promise')
    throw unusable(value, 'an object', says)
}

/** Checks that a value is a function; throws `INVALID_CONTRACT`. */
export function checkFunction(value: unknown, says: Says): void {
  if (typeof value !== 'function') throw unusable(value, 'a function', says)
}

/** Checks that a value is a text; throws `INVALID_CONTRACT`. */
export function checkIsText(value: unknown, says: Says): void {
  if (typeof value !== 'string') throw unusable(value, 'a text', says)
}

/** Checks that a value is a list; throws `INVALID_CONTRACT`. */
export function checkList(value: unknown, says: Says): asserts value is readonly unknown[] {
  if (!Array.isArray(value)) throw unusable(value, 'a list', says)
}

/** Checks that a value is a contract or declaration of a kind: `event`, `table`; throws `INVALID_CONTRACT`. */
export function checkKind(value: unknown, kind: string, says: Says): void {
  try {
    if (typeof value === 'object' && value !== null && (value as { readonly kind?: unknown }).kind === kind) return
  } catch {
    // A getter that throws: it is nothing that the framework has made.
  }
  throw unusable(value, withArticle(kind), { ...says, hint: `${says.hint}${importHint(value)}` })
}
