// What a store consists of: a schema for each service, with the driver's own tables (`tidings_…`) beside one table for each table of the service.
// Invariant: nothing here is one row that each commit updates, because such a row is slow to find as soon as somebody reads for long.

import { quoted, quotedText, schemaOf } from './postgres-names.ts'
import { searchIndexStatement } from './postgres-search-index.ts'

/** The layout that this code reads and writes. */
export const layoutVersion = 1

/** A store's place: its schema, and its own tables as identifiers that are ready for SQL. */
export interface StorePlace {
  readonly service: string
  /** The schema, unquoted. */
  readonly schemaName: string
  /** The schema, quoted. */
  readonly schema: string
  /** An object of the schema, quoted: `in('tidings_events')`. */
  readonly in: (name: string) => string
}

/** The place of the store of a service. */
export function placeOf(prefix: string, service: string): StorePlace {
  const schemaName = schemaOf(prefix, service)
  const schema = quoted(schemaName)
  return { service, schemaName, schema, in: (name) => `${schema}.${quoted(name)}` }
}

/** The statement that takes the turn of a store: until its transaction ends, nobody else commits. */
export function takeTurn(place: StorePlace): string {
  return `LOCK TABLE ${place.in('tidings_turn')} IN EXCLUSIVE MODE`
}

/** The comment on a schema that names the service, because the name of the schema may be shortened. */
export const commentStart = 'The store of the service '

/**
 * The statements that create an empty store of layout 1.
 *
 * - `tidings_store`: one row that says what the store is. It changes when the store is migrated, renamed or restored.
 * - `tidings_turn`: empty. Who writes locks it, and so has the turn (see postgres-commit-function.ts).
 * - `tidings_tables`: the catalogue; see postgres-catalogue.ts.
 * - `tidings_events`: the event log. `tidings_facts`: the history of facts. Positions are 1, 2, 3, … in the order of the commits.
 * - `tidings_runs`, `tidings_groups`: who writes, and what each group of commits was answered, so that an answer that was lost is found out.
 * - `tidings_changes`: the changes of the tables of which somebody has asked.
 * - `tidings_revision`: a sequence; each group of commits takes one number, which stands for `revisionsPerGroup` revisions.
 */
export function schemaStatements({ service, schema, in: own }: StorePlace): readonly string[] {
  return [
    // A role that may create no schemas has one already.
    `DO $schema$ BEGIN IF to_regnamespace(${quotedText(schema)}) IS NULL THEN CREATE SCHEMA ${schema}; END IF; END $schema$`,
    `COMMENT ON SCHEMA ${schema} IS ${quotedText(commentStart + service)}`,
    `CREATE TABLE ${own('tidings_store')} (
      only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
      service text COLLATE "C" NOT NULL,
      layout int NOT NULL,
      epoch text COLLATE "C" NOT NULL,
      earlier_epochs text COLLATE "C" NOT NULL DEFAULT '[]',
      system_identifier text COLLATE "C" NOT NULL,
      database_oid bigint NOT NULL,
      timeline bigint NOT NULL,
      store_oid bigint NOT NULL,
      changes_max int NOT NULL DEFAULT 0,
      changes_forgotten bigint NOT NULL DEFAULT 0)`,
    `CREATE TABLE ${own('tidings_turn')} ()`,
    `CREATE TABLE ${own('tidings_tables')} (
      name text COLLATE "C" PRIMARY KEY,
      number int NOT NULL UNIQUE,
      layout int NOT NULL,
      columns text COLLATE "C" NOT NULL,
      noted boolean NOT NULL DEFAULT false)`,
    `CREATE TABLE ${own('tidings_events')} (
      position bigint PRIMARY KEY,
      occurred_at double precision NOT NULL,
      recorded_at double precision NOT NULL,
      entity_version bigint,
      version int NOT NULL,
      readable_from int NOT NULL,
      checksum int NOT NULL,
      slot smallint NOT NULL,
      id text COLLATE "C" NOT NULL,
      type text COLLATE "C" NOT NULL,
      key text COLLATE "C" NOT NULL,
      correlation_id text COLLATE "C" NOT NULL,
      causation_id text COLLATE "C" NOT NULL,
      caused_by text COLLATE "C" NOT NULL,
      principal text COLLATE "C",
      tenant text COLLATE "C",
      traceparent text COLLATE "C",
      tracestate text COLLATE "C",
      data text COLLATE "C",
      downcasts text COLLATE "C")`,
    searchIndexStatement(own('tidings_events')),
    `CREATE TABLE ${own('tidings_facts')} (
      position bigint PRIMARY KEY,
      occurred_at double precision NOT NULL,
      recorded_at double precision NOT NULL,
      stream_version bigint NOT NULL,
      version int NOT NULL,
      checksum int NOT NULL,
      category text COLLATE "C" NOT NULL,
      stream text COLLATE "C" NOT NULL,
      type text COLLATE "C" NOT NULL,
      correlation_id text COLLATE "C" NOT NULL,
      causation_id text COLLATE "C" NOT NULL,
      caused_by text COLLATE "C" NOT NULL,
      principal text COLLATE "C",
      tenant text COLLATE "C",
      data text COLLATE "C" NOT NULL)`,
    `CREATE UNIQUE INDEX tidings_facts_stream ON ${own('tidings_facts')} (category, stream, stream_version)`,
    `CREATE TABLE ${own('tidings_runs')} (
      run text COLLATE "C" PRIMARY KEY,
      generation int NOT NULL DEFAULT 1,
      opened_at timestamptz NOT NULL DEFAULT now())`,
    `CREATE TABLE ${own('tidings_groups')} (
      run text COLLATE "C" NOT NULL,
      number bigint NOT NULL,
      revision bigint NOT NULL,
      events_head bigint NOT NULL,
      facts_head bigint NOT NULL,
      conflicts text COLLATE "C",
      PRIMARY KEY (run, number))`,
    `CREATE TABLE ${own('tidings_changes')} (
      revision bigint NOT NULL,
      ordinal int NOT NULL,
      table_name text COLLATE "C" NOT NULL,
      key text COLLATE "C" NOT NULL,
      PRIMARY KEY (revision, ordinal))`,
    `CREATE SEQUENCE ${own('tidings_revision')} AS bigint`,
  ]
}
