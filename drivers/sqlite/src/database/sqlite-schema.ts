// What a store's file says of itself, and the checks that it must pass before it is read or written.
// Invariant: a file that is not a store of the service, or that a newer version wrote, is refused unchanged.

import type { DatabaseSync } from 'node:sqlite'
import { TidingsError } from 'tidings'
import { type EarlierEpoch, formatPosition } from 'tidings/ports'
import { pragma, prepare } from './sqlite-connection.ts'
import { applicationId, layoutOf, layoutVersion } from './sqlite-layout.ts'

/** The service and the epochs of a store. */
export interface StoreIdentity {
  readonly service: string
  readonly epoch: string
  readonly earlierEpochs: readonly EarlierEpoch[]
}

/**
 * Reads the identity of a store.
 *
 * Throws `CORRUPT_DATA` if the file is not a store or has positions beyond 2^53-1, `ENGINE_TOO_OLD` if a newer Tidings wrote it.
 */
export function readIdentity(database: DatabaseSync, path: string): StoreIdentity {
  if (pragma(database, 'application_id') !== applicationId) {
    throw new TidingsError('CORRUPT_DATA', `${path} is not a store of Tidings.`, {
      hint: 'Move the file away, or name another directory.',
    })
  }
  const version = layoutOf(database)
  if (version > layoutVersion) {
    throw new TidingsError(
      'ENGINE_TOO_OLD',
      `${path} has layout ${version}; this version of @tidings/sqlite knows ${layoutVersion}.`,
      {
        hint: 'Use the version of @tidings/sqlite that wrote the file, or a newer one.',
      },
    )
  }
  for (const table of ['tidings_log', 'tidings_facts']) {
    const row = prepare(database, `SELECT max(position) > ${Number.MAX_SAFE_INTEGER} FROM ${table}`).get()
    if (row?.[0] === 1) throw new TidingsError('CORRUPT_DATA', `${path} has positions beyond 2^53-1 in ${table}.`)
  }
  const epochs = prepare(database, 'SELECT epoch, up_to FROM tidings_epochs ORDER BY number').all()
  return {
    service: String(readMeta(database, 'service')),
    epoch: String(readMeta(database, 'epoch')),
    earlierEpochs: epochs.map(([epoch, upTo]) => ({ epoch: String(epoch), upTo: formatPosition(Number(upTo)) })),
  }
}

/** Refuses a store of another service with `CORRUPT_DATA`. */
export function checkService(identity: StoreIdentity, service: string, path: string): void {
  if (identity.service === service) return
  throw new TidingsError('CORRUPT_DATA', `${path} is the store of ${identity.service}, not of ${service}.`, {
    hint: 'Rename the file back to the name of its service.',
  })
}

/** A value that the store keeps about itself. */
export function readMeta(database: DatabaseSync, name: string): string | number | undefined {
  const value = prepare(database, 'SELECT value FROM tidings_meta WHERE name = ?').get(name)?.[0]
  return typeof value === 'string' || typeof value === 'number' ? value : undefined
}

/** Stores a value about the store itself. */
export function writeMeta(database: DatabaseSync, name: string, value: string | number): void {
  prepare(
    database,
    'INSERT INTO tidings_meta VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value',
  ).run(name, value)
}
