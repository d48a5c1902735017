// Chains of versions and upcasters, for all stored data that is read again: events, facts, rows, timers, effects.
// Invariant: versions are 1, 2, 3, …; data stored under version n was a valid output of schema n.

import { checkFunction, checkObject, describeThrown, shownValue, TidingsError, unusable } from '../errors/index.ts'
import { checkSchema, type Schema, validate } from './schema.ts'
import { misfitOf, shapeOf } from './shape.ts'

/** One version of a shape. */
export interface Version {
  readonly version: number
  readonly schema: Schema
  /** Converts data of the version before to this version; absent on version 1. */
  readonly upcast?: (older: never) => unknown
  /** If code knows this older version or a newer one, it can read data of this version unchanged. Default: this version. */
  readonly readableFrom: number
  /** Converts data of this version to the version before, for readers that do not know this version yet. */
  readonly downcast?: (newer: never) => unknown
}

/** Options of a version beyond the first. */
export interface VersionOptions<Data, Older> {
  /**
   * Set it to true if code that knows only the version before can read this version unchanged, because you added only optional members.
   * That code gets the data as they are, with the added members; it does not parse them again. Default: false; if code knows only older
   * versions, events of this version wait there.
   */
  readonly compatible?: boolean
  /**
   * Converts data to the version before; the event carries the result for older readers, who do not parse it again. So return what the older
   * schema returns, not what it accepts.
   */
  readonly downcast?: (data: Data) => Older
}

/** All versions of a shape, oldest first. */
export interface VersionChain {
  /** What it describes, for messages: `Event shop.order-placed`. */
  readonly what: string
  readonly versions: readonly Version[]
  /** The newest version. */
  readonly latest: Version
}

/** Starts a chain with version 1. */
export function startChain(what: string, version: number, schema: Schema): VersionChain {
  if (version !== 1)
    throw new TidingsError(
      'INVALID_CONTRACT',
      `${what} starts at version ${shownValue(version)}; the first version must be 1.`,
    )
  checkSchema(`${what} version 1`, schema)
  const first: Version = { version, schema, readableFrom: 1 }
  return { what, versions: [first], latest: first }
}

/** Adds the next version to a chain. */
export function extendChain(
  chain: VersionChain,
  version: number,
  schema: Schema,
  upcast: (older: never) => unknown,
  options: VersionOptions<never, unknown> = {},
): VersionChain {
  const expected = chain.latest.version + 1
  if (version !== expected) {
    throw new TidingsError(
      'INVALID_CONTRACT',
      `${chain.what} has version ${shownValue(version)} after version ${chain.latest.version}; the next version must be ${expected}.`,
    )
  }
  if (typeof upcast !== 'function') {
    throw new TidingsError(
      'INVALID_CONTRACT',
      `${chain.what} version ${version} needs an upcaster from version ${expected - 1}.`,
    )
  }
  checkSchema(`${chain.what} version ${version}`, schema)
  checkVersionOptions(`${chain.what} version ${version}`, options)
  const next: Version = {
    version,
    schema,
    upcast,
    readableFrom: options.compatible === true ? chain.latest.readableFrom : version,
    ...(options.downcast === undefined ? {} : { downcast: options.downcast }),
  }
  return { what: chain.what, versions: [...chain.versions, next], latest: next }
}

function checkVersionOptions(what: string, options: VersionOptions<never, unknown>): void {
  const hint = 'Write `{ compatible: true }` or `{ downcast: (data) => ({ … }) }`, or leave it out.'
  checkObject(options, { what: `The last argument of ${what}`, hint })
  if (options.downcast !== undefined) checkFunction(options.downcast, { what: `The downcast of ${what}`, hint })
  if (options.compatible !== undefined && typeof options.compatible !== 'boolean')
    throw unusable(options.compatible, 'true or false', { what: `\`compatible\` of ${what}`, hint })
}

/** Validates new data against the newest version; throws `INVALID_PAYLOAD`. */
export function validateLatest(chain: VersionChain, data: unknown): unknown {
  return validate(chain.what, chain.latest.schema, data)
}

/** Stored data and the version it was stored under. */
export interface VersionedData {
  readonly version: number
  /** If code knows this version or a newer one, it can read the data unchanged. */
  readonly readableFrom: number
  readonly data: unknown
  /** The data in older versions, by version, if the event carries them. */
  readonly downcasts?: Readonly<Record<string, unknown>> | undefined
}

/**
 * Reads stored data as the newest version that this code knows. Data of this version are taken as they are: they were parsed on their way
 * in. From an older version on, each upcaster gets what the schema of the version before it returns.
 *
 * Throws `UPCAST_FAILED` if an upcaster throws or its result is not valid, `VERSION_FROM_FUTURE` if the data are newer than this code
 * and neither compatible nor downcast, `INVALID_PAYLOAD` if newer data that claim to be readable are not, and `CORRUPT_DATA` if the version
 * is not a positive whole number.
 */
export function readVersion(chain: VersionChain, stored: VersionedData): unknown {
  const latest = chain.latest.version
  if (stored.version === latest) return stored.data
  if (!Number.isSafeInteger(stored.version) || stored.version < 1)
    throw new TidingsError(
      'CORRUPT_DATA',
      `${chain.what} was stored under version ${stored.version}, which is not a version.`,
    )
  if (stored.version > latest) return readNewer(chain, stored)
  let data = stored.data
  for (let version = stored.version + 1; version <= latest; version++)
    data = upcastTo(chain, chain.versions[version - 1] as Version, data, stored.version)
  return data
}

// One step of a chain. The schema completes what the upcaster returns (defaults, transforms), so the next upcaster gets what its type says.
function upcastTo(chain: VersionChain, { version, upcast, schema }: Version, older: unknown, from: number): unknown {
  const details = { from, to: version }
  let data: unknown
  try {
    data = upcast?.(older as never)
  } catch (cause) {
    throw new TidingsError(
      'UPCAST_FAILED',
      `The upcaster of ${chain.what} to version ${version} threw: ${reasonOf(cause)}`,
      {
        cause,
        details,
      },
    )
  }
  try {
    return validate(chain.what, schema, data)
  } catch (cause) {
    throw new TidingsError(
      'UPCAST_FAILED',
      `The upcaster of ${chain.what} to version ${version} returned what is not valid; the data were stored under version ${from}. ${reasonOf(cause)}`,
      { cause, details },
    )
  }
}

// Newer data are not parsed by the older schema: they were parsed on their way in, and a transform must not run on its own result.
function readNewer(chain: VersionChain, stored: VersionedData): unknown {
  const latest = chain.latest.version
  // A `readableFrom` below 1 is not a version, so it is ignored.
  if (stored.readableFrom >= 1 && stored.readableFrom <= latest) return checkedShape(chain, chain.latest, stored.data)
  const older = stored.downcasts?.[String(latest)]
  if (older !== undefined) return checkedShape(chain, chain.latest, older)
  throw new TidingsError(
    'VERSION_FROM_FUTURE',
    `${chain.what} has version ${stored.version}; this code knows versions up to ${latest}.`,
    {
      details: { version: stored.version, known: latest },
    },
  )
}

function checkedShape(chain: VersionChain, { version, schema }: Version, data: unknown): unknown {
  const shape = shapeOf(schema)
  const found = shape === undefined ? undefined : misfitOf(shape, data)
  if (found === undefined) return data
  const where = found.path === '' ? 'it' : found.path
  throw new TidingsError(
    'INVALID_PAYLOAD',
    `${chain.what} cannot be read as version ${version}: ${where} ${found.message}.`,
    {
      details: { issues: [found] },
    },
  )
}

/**
 * New data in older versions, by version, for code that knows neither the newest version nor one that reads it unchanged; `undefined` if
 * there are none. Each step down is a downcast, or nothing at all if the version is compatible with the one before.
 *
 * Throws `DOWNCAST_FAILED` if a downcast throws, or if its result does not have the shape of the older version (as far as the library of the
 * schema derives a JSON Schema).
 */
export function downcastsOf(chain: VersionChain, data: unknown): Record<string, unknown> | undefined {
  const { readableFrom } = chain.latest
  if (readableFrom === 1) return undefined
  let downcasts: Record<string, unknown> | undefined
  let current = data
  for (let index = chain.versions.length - 1; index > 0; index--) {
    const step = chain.versions[index] as Version
    if (step.downcast !== undefined) current = downcastFrom(chain, step, chain.versions[index - 1] as Version, current)
    else if (step.readableFrom === step.version) break
    if (index >= readableFrom) continue
    downcasts ??= {}
    downcasts[String(index)] = current
  }
  return downcasts
}

function downcastFrom(chain: VersionChain, step: Version, older: Version, newer: unknown): unknown {
  try {
    return checkedShape(chain, older, step.downcast?.(newer as never))
  } catch (cause) {
    throw new TidingsError(
      'DOWNCAST_FAILED',
      `The downcast of ${chain.what} from version ${step.version} to ${older.version} threw, or made what older code cannot read: ${reasonOf(cause)}`,
      { cause, details: { from: step.version, to: older.version } },
    )
  }
}

function reasonOf(thrown: unknown): string {
  return describeThrown(thrown).message.slice(0, reasonLengthMax)
}

const reasonLengthMax = 500
