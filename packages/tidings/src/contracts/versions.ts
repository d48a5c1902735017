// One chain of versions and upcasters, used wherever something stored is read again: events, facts, rows, snapshots.
// Invariant: versions are 1, 2, 3, …; what is stored under version n was once a valid output of schema n.

import { TidingsError } from '../errors/index.ts'
import { checkSchema, type Schema, validate } from './schema.ts'

/** One version of a shape. */
export interface Version {
  readonly version: number
  readonly schema: Schema
  /** Makes this version out of the one before; absent on version 1. */
  readonly upcast?: (older: never) => unknown
  /** The oldest version whose readers can read this one as it is; the version itself by default. */
  readonly readableFrom: number
  /** Makes the version before out of this one, for readers that do not know this one yet. */
  readonly downcast?: (newer: never) => unknown
}

/** Options of a version beyond the first. */
export interface VersionOptions<Data, Older> {
  /**
   * Code that knows only the version before can read this one unchanged (only optional members were added).
   * Default: false; an event of this version waits at older readers.
   */
  readonly compatible?: boolean
  /** Makes the version before out of this one; the result travels with the event for older readers. */
  readonly downcast?: (data: Data) => Older
}

/** All versions of a shape, oldest first. */
export interface VersionChain {
  readonly what: string
  readonly versions: readonly Version[]
  /** The newest version. */
  readonly latest: Version
}

/** Starts a chain with version 1. */
export function startChain(what: string, version: number, schema: Schema): VersionChain {
  if (version !== 1)
    throw new TidingsError('INVALID_CONTRACT', `${what} starts with version ${shown(version)}; the first version is 1.`)
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
      `${chain.what} has version ${shown(version)} after ${chain.latest.version}; the next version is ${expected}.`,
    )
  }
  if (typeof upcast !== 'function') {
    throw new TidingsError(
      'INVALID_CONTRACT',
      `${chain.what} version ${version} needs an upcaster from version ${expected - 1}.`,
    )
  }
  checkSchema(`${chain.what} version ${version}`, schema)
  const next: Version = {
    version,
    schema,
    upcast,
    readableFrom: options.compatible === true ? chain.latest.readableFrom : version,
    ...(options.downcast === undefined ? {} : { downcast: options.downcast }),
  }
  return { what: chain.what, versions: [...chain.versions, next], latest: next }
}

// What is given as a version where nobody checks types may be anything, and may not even be text.
function shown(version: unknown): string {
  return typeof version === 'number' ? String(version) : typeof version
}

/** Validates new data against the newest version; throws `INVALID_PAYLOAD`. */
export function validateLatest(chain: VersionChain, data: unknown): unknown {
  return validate(chain.what, chain.latest.schema, data)
}

/** Stored data and the version it was stored under. */
export interface VersionedData {
  readonly version: number
  /** The oldest version whose readers can read the data as they are. */
  readonly readableFrom: number
  readonly data: unknown
  /** Older renderings that travelled along, by version. */
  readonly downcasts?: Readonly<Record<string, unknown>> | undefined
}

/**
 * Reads stored data as the newest version this code knows.
 *
 * Throws `UPCAST_FAILED` where an upcaster throws or its result is not valid, and `VERSION_FROM_FUTURE` where the data are newer
 * than this code and neither declared compatible nor downcast. `CORRUPT_DATA` where the version is none: 0, 1.5, 2^53.
 */
export function readVersion(chain: VersionChain, stored: VersionedData): unknown {
  const latest = chain.latest.version
  if (stored.version === latest) return stored.data
  if (!Number.isSafeInteger(stored.version) || stored.version < 1)
    throw new TidingsError('CORRUPT_DATA', `${chain.what} was stored under version ${stored.version}, which is none.`)
  if (stored.version > latest) return readNewer(chain, stored)
  let data = stored.data
  for (let version = stored.version + 1; version <= latest; version++) {
    const step = chain.versions[version - 1]
    try {
      data = step?.upcast?.(data as never)
    } catch (cause) {
      throw new TidingsError('UPCAST_FAILED', `The upcaster of ${chain.what} to version ${version} threw.`, {
        cause,
        details: { from: stored.version, to: version },
      })
    }
  }
  try {
    return validateLatest(chain, data)
  } catch (cause) {
    throw new TidingsError(
      'UPCAST_FAILED',
      `${chain.what} is not valid after its upcast from version ${stored.version} to ${latest}.`,
      {
        cause,
        details: { from: stored.version, to: latest },
      },
    )
  }
}

function readNewer(chain: VersionChain, stored: VersionedData): unknown {
  const latest = chain.latest.version
  // What claims to be readable from a version that is none claims nothing.
  if (stored.readableFrom >= 1 && stored.readableFrom <= latest)
    return validate(chain.what, chain.latest.schema, stored.data)
  const older = stored.downcasts?.[String(latest)]
  if (older !== undefined) return validate(chain.what, chain.latest.schema, older)
  throw new TidingsError(
    'VERSION_FROM_FUTURE',
    `${chain.what} arrived in version ${stored.version}; this code knows version ${latest}.`,
    {
      details: { version: stored.version, known: latest },
    },
  )
}

/** The older renderings of new data, by version, for readers that do not know the newest; `undefined` where there are none. */
export function downcastsOf(chain: VersionChain, data: unknown): Record<string, unknown> | undefined {
  if (chain.latest.downcast === undefined) return undefined
  const downcasts: Record<string, unknown> = {}
  let current = data
  for (let index = chain.versions.length - 1; index > 0; index--) {
    const step = chain.versions[index]
    if (step?.downcast === undefined) break
    current = step.downcast(current as never)
    downcasts[String(step.version - 1)] = current
  }
  return downcasts
}
