// The layout of a store's file: how it is created, and how a file of an earlier layout becomes one of the latest.
// Invariant: the last position of an event log or of the facts never falls, so no position is used twice. Triggers refuse to delete the
// last row. AUTOINCREMENT would have the same effect, but a third fewer single commits per second. Payloads are the last columns of a row,
// so that reading the other columns does not touch their pages; what a migration adds stands after them.

import type { DatabaseSync } from 'node:sqlite'
import type { Ids } from 'tidings/ports'
import { inTransaction, pragma, prepare } from './sqlite-connection.ts'

/** Marks a file as a store of Tidings: "Tidi". */
export const applicationId = 0x54696469

const layout = `
CREATE TABLE tidings_meta (name TEXT PRIMARY KEY, value NOT NULL) WITHOUT ROWID;
CREATE TABLE tidings_epochs (number INTEGER PRIMARY KEY, epoch TEXT NOT NULL, up_to INTEGER NOT NULL);
CREATE TABLE tidings_tables (name TEXT PRIMARY KEY, indexes TEXT NOT NULL) WITHOUT ROWID;

CREATE TABLE tidings_log (
  position INTEGER PRIMARY KEY, type TEXT NOT NULL, key TEXT NOT NULL, id TEXT NOT NULL, correlation_id TEXT NOT NULL,
  causation_id TEXT NOT NULL, caused_by TEXT NOT NULL, version INTEGER NOT NULL, readable_from INTEGER NOT NULL,
  entity_version INTEGER, occurred_at INTEGER NOT NULL, recorded_at INTEGER NOT NULL, principal TEXT, tenant TEXT,
  traceparent TEXT, tracestate TEXT, checksum INTEGER, data TEXT, downcasts TEXT);
CREATE TRIGGER tidings_log_keeps_its_end BEFORE DELETE ON tidings_log
  WHEN OLD.position = (SELECT max(position) FROM tidings_log) BEGIN SELECT RAISE(ABORT, 'the last event of a log stays'); END;

CREATE TABLE tidings_streams (
  id INTEGER PRIMARY KEY, category TEXT NOT NULL, name TEXT NOT NULL, UNIQUE (category, name));
CREATE TABLE tidings_facts (
  position INTEGER PRIMARY KEY, stream INTEGER NOT NULL, stream_version INTEGER NOT NULL, type TEXT NOT NULL,
  version INTEGER NOT NULL, occurred_at INTEGER NOT NULL, recorded_at INTEGER NOT NULL, correlation_id TEXT NOT NULL,
  causation_id TEXT NOT NULL, caused_by TEXT NOT NULL, principal TEXT, tenant TEXT, checksum INTEGER, data TEXT NOT NULL,
  UNIQUE (stream, stream_version));
CREATE TRIGGER tidings_facts_keep_their_end BEFORE DELETE ON tidings_facts
  WHEN OLD.position = (SELECT max(position) FROM tidings_facts) BEGIN SELECT RAISE(ABORT, 'the last fact stays'); END;
`

const termsUpTo = "(SELECT coalesce(max(value), 0) FROM tidings_meta WHERE name = 'terms-up-to')"

/** What makes a file of one layout a file of the next, the first from layout 1. */
const migrations: readonly string[] = [
  `ALTER TABLE tidings_log ADD COLUMN tenant TEXT;
   ALTER TABLE tidings_log ADD COLUMN tracestate TEXT;
   ALTER TABLE tidings_log ADD COLUMN checksum INTEGER;
   ALTER TABLE tidings_facts ADD COLUMN tenant TEXT;
   ALTER TABLE tidings_facts ADD COLUMN checksum INTEGER;`,
  // Rows of the schedule are shorter; those that are there stay as they are. Later events have their terms in blocks, so the index of terms is completed.
  `INSERT OR IGNORE INTO tidings_log_terms
   SELECT coalesce(unhex(column2, '-'), column2), column1 FROM (
     SELECT position AS column1, id AS column2 FROM tidings_log WHERE position > ${termsUpTo}
     UNION ALL SELECT position, correlation_id FROM tidings_log WHERE position > ${termsUpTo}
     UNION ALL SELECT position, causation_id FROM tidings_log WHERE position > ${termsUpTo});
   INSERT INTO tidings_meta SELECT 'terms-up-to', coalesce(max(position), 0) FROM tidings_log WHERE true
   ON CONFLICT (name) DO UPDATE SET value = excluded.value;`,
]

/** The layout this code reads and writes. */
export const layoutVersion = migrations.length + 1

/** The layout of a file. */
export function layoutOf(database: DatabaseSync): number {
  return Number(pragma(database, 'user_version'))
}

/** Whether nothing was written to the file yet. */
export function isEmpty(database: DatabaseSync): boolean {
  return pragma(database, 'application_id') === 0 && pragma(database, 'schema_version') === 0
}

/** Turns an empty file into the store of a service. */
export function createLayout(database: DatabaseSync, service: string, ids: Ids): void {
  inTransaction(database, () => {
    database.exec(layout)
    database.exec(`PRAGMA application_id = ${applicationId}; PRAGMA user_version = ${layoutVersion}`)
    const keep = prepare(database, 'INSERT INTO tidings_meta VALUES (?, ?)')
    keep.run('service', service)
    keep.run('epoch', ids.next())
  })
}

/** Brings a file of an earlier layout to the latest, in one transaction. Does nothing to a file that has it. Call it under the store's lock. */
export function migrateLayout(database: DatabaseSync): void {
  const from = layoutOf(database)
  if (from === layoutVersion) return
  inTransaction(database, () => {
    for (const migration of migrations.slice(from - 1)) database.exec(migration)
    database.exec(`PRAGMA user_version = ${layoutVersion}`)
  })
}
