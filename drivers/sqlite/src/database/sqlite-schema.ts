// The layout of a store's file, and the checks that a file must pass before it is read or written.
// Invariant: the last position of an event log or of the facts never falls, so no position is used twice. Triggers refuse to delete the
// last row. AUTOINCREMENT would have the same effect, but a third fewer single commits per second. Payloads are the last columns of a row,
// so that reading the other columns does not touch their pages.

import type { DatabaseSync } from 'node:sqlite'
import { TidingsError } from 'tidings'
import { type EarlierEpoch, formatPosition, type Ids } from 'tidings/ports'
import { pragma, prepare } from './sqlite-connection.ts'

/** Marks a file as a store of Tidings: "Tidi". */
const applicationId = 0x54696469

/** The layout this code reads and writes. */
export const layoutVersion = 1

const layout = `
CREATE TABLE tidings_meta (name TEXT PRIMARY KEY, value NOT NULL) WITHOUT ROWID;
CREATE TABLE tidings_epochs (number INTEGER PRIMARY KEY, epoch TEXT NOT NULL, up_to INTEGER NOT NULL);
CREATE TABLE tidings_tables (name TEXT PRIMARY KEY, indexes TEXT NOT NULL) WITHOUT ROWID;

CREATE TABLE tidings_log (
  position INTEGER PRIMARY KEY, type TEXT NOT NULL, key TEXT NOT NULL, id TEXT NOT NULL, correlation_id TEXT NOT NULL,
  causation_id TEXT NOT NULL, caused_by TEXT NOT NULL, version INTEGER NOT NULL, readable_from INTEGER NOT NULL,
  entity_version INTEGER, occurred_at INTEGER NOT NULL, recorded_at INTEGER NOT NULL, principal TEXT, traceparent TEXT,
  data TEXT, downcasts TEXT);
CREATE TABLE tidings_log_terms (term NOT NULL, position INTEGER NOT NULL, PRIMARY KEY (term, position)) WITHOUT ROWID;
CREATE TRIGGER tidings_log_keeps_its_end BEFORE DELETE ON tidings_log
  WHEN OLD.position = (SELECT max(position) FROM tidings_log) BEGIN SELECT RAISE(ABORT, 'the last event of a log stays'); END;

CREATE TABLE tidings_streams (
  id INTEGER PRIMARY KEY, category TEXT NOT NULL, name TEXT NOT NULL, UNIQUE (category, name));
CREATE TABLE tidings_facts (
  position INTEGER PRIMARY KEY, stream INTEGER NOT NULL, stream_version INTEGER NOT NULL, type TEXT NOT NULL,
  version INTEGER NOT NULL, occurred_at INTEGER NOT NULL, recorded_at INTEGER NOT NULL, correlation_id TEXT NOT NULL,
  causation_id TEXT NOT NULL, caused_by TEXT NOT NULL, principal TEXT, data TEXT NOT NULL, UNIQUE (stream, stream_version));
CREATE TRIGGER tidings_facts_keep_their_end BEFORE DELETE ON tidings_facts
  WHEN OLD.position = (SELECT max(position) FROM tidings_facts) BEGIN SELECT RAISE(ABORT, 'the last fact stays'); END;
`

/** The service and the epochs of a store. */
export interface StoreIdentity {
  readonly service: string
  readonly epoch: string
  readonly earlierEpochs: readonly EarlierEpoch[]
}

/** Whether nothing was written to the file yet. */
export function isEmpty(database: DatabaseSync): boolean {
  return pragma(database, 'application_id') === 0 && pragma(database, 'schema_version') === 0
}

/** Turns an empty file into the store of a service. */
export function createLayout(database: DatabaseSync, service: string, ids: Ids): void {
  database.exec('BEGIN IMMEDIATE')
  try {
    database.exec(layout)
    database.exec(`PRAGMA application_id = ${applicationId}; PRAGMA user_version = ${layoutVersion}`)
    writeMeta(database, 'service', service)
    writeMeta(database, 'epoch', ids.next())
    database.exec('COMMIT')
  } catch (error) {
    if (database.isTransaction) database.exec('ROLLBACK')
    throw error
  }
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
  const version = Number(pragma(database, 'user_version'))
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
