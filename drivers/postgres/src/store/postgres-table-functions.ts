// The functions of one table: one that checks rows, one that writes them, one that fills a new column. A function keeps its plans for as long as its
// connection lives; SQL that is built anew for each commit would be planned each time.
// Invariant: their names have the number of the table and of its layout, so whoever believes in another layout finds no function, and reads the catalogue again.

import { columnOf, quoted, quotedText } from '../database/postgres-names.ts'
import { type StorePlace, takeTurn } from '../database/postgres-schema.ts'
import { castOf, type StoredColumn } from './postgres-columns.ts'

/** What the catalogue knows of a table. */
export interface StoredTable {
  readonly name: string
  /** Its number in the store; it is never used for another table while this one is there. */
  readonly number: number
  readonly layout: number
  readonly columns: readonly StoredColumn[]
  /** Whether its changes are noted. */
  readonly noted: boolean
}

/** The end of the names of a table's functions. */
export function functionsOf({ number, layout }: StoredTable): string {
  return `${number}_${layout}`
}

/** The statements that create the functions of a table. `identifier` is its quoted name. */
export function tableFunctions(place: StorePlace, identifier: string, table: StoredTable): readonly string[] {
  return [
    checkFunction(place, identifier, table),
    writeFunction(place, identifier, table),
    ...(table.columns.every(({ filled }) => filled) ? [] : [fillFunction(place, identifier, table)]),
  ]
}

/** The statements that drop them. */
export function dropFunctions({ in: own }: StorePlace, table: StoredTable): readonly string[] {
  return ['check', 'write', 'fill'].map(
    (kind) => `DROP FUNCTION IF EXISTS ${own(`tidings_${kind}_${functionsOf(table)}`)}`,
  )
}

function checkFunction({ in: own }: StorePlace, identifier: string, table: StoredTable): string {
  return `CREATE OR REPLACE FUNCTION ${own(`tidings_check_${functionsOf(table)}`)} (p_keys text[], p_revisions bigint[]) RETURNS int[] LANGUAGE plpgsql
AS $function$
BEGIN
  RETURN (SELECT array_agg(c.n::int) FROM unnest(p_keys, p_revisions) WITH ORDINALITY c(key, revision, n)
    LEFT JOIN ${identifier} t ON t.key = c.key WHERE coalesce(t.revision, 0) <> c.revision);
END $function$`
}

/** The names of the value columns in a list of rows: `v1, v2`, the lists they come from, and the values with their types. */
function valueParts(columns: readonly StoredColumn[], rows: string) {
  return {
    lists: columns.map((_, index) => `, p_values[${index} * row_count + 1:${index + 1} * row_count]`).join(''),
    names: columns.map((_, index) => `, v${index + 1}`).join(''),
    values: columns.map(({ type }, index) => `${rows}.v${index + 1}::${castOf[type]}`),
    columns: columns.map(({ field }) => quoted(columnOf(field))),
  }
}

function writeFunction({ in: own }: StorePlace, identifier: string, table: StoredTable): string {
  const parts = valueParts(table.columns, 'w')
  const columns = ['key', 'revision', 'schema_version', 'doc', ...parts.columns]
  const values = ['w.key', 'p_revision + w.unit', 'w.version', 'w.doc', ...parts.values]
  const updated = columns.slice(1).map((column) => `${column} = excluded.${column}`)
  const note = (rows: string, first: string) =>
    `INSERT INTO ${own('tidings_changes')} SELECT p_revision + c.unit, ${first} + c.n, ${quotedText(table.name)}, c.key
      FROM unnest(${rows}) WITH ORDINALITY c(unit, key, n) WHERE c.unit <> ALL (p_failed);`
  return `CREATE OR REPLACE FUNCTION ${own(`tidings_write_${functionsOf(table)}`)} (p_failed int[], p_revision bigint, p_first int, p_units int[],
  p_keys text[], p_versions int[], p_docs text[], p_values text[], p_deleted_units int[], p_deleted_keys text[]) RETURNS void LANGUAGE plpgsql
AS $function$
DECLARE row_count int := cardinality(p_keys);
BEGIN
  IF cardinality(p_deleted_keys) > 0 THEN
    DELETE FROM ${identifier} t USING unnest(p_deleted_units, p_deleted_keys) d(unit, key) WHERE t.key = d.key AND d.unit <> ALL (p_failed);
    ${table.noted ? note('p_deleted_units, p_deleted_keys', 'p_first + row_count') : ''}
  END IF;
  IF row_count > 0 THEN
    INSERT INTO ${identifier} AS t (${columns.join(', ')}) SELECT ${values.join(', ')}
      FROM unnest(p_units, p_keys, p_versions, p_docs${parts.lists}) w(unit, key, version, doc${parts.names})
      WHERE w.unit <> ALL (p_failed)
      ON CONFLICT (key) DO UPDATE SET ${updated.join(', ')};
    ${table.noted ? note('p_units, p_keys', 'p_first') : ''}
  END IF;
END $function$`
}

function fillFunction(place: StorePlace, identifier: string, table: StoredTable): string {
  const { in: own } = place
  const parts = valueParts(table.columns, 'w')
  const updated = parts.columns.map((column, index) => `${column} = ${parts.values[index]}`)
  return `CREATE OR REPLACE FUNCTION ${own(`tidings_fill_${functionsOf(table)}`)} (p_keys text[], p_revisions bigint[], p_values text[]) RETURNS void
LANGUAGE plpgsql AS $function$
DECLARE row_count int := cardinality(p_keys);
BEGIN
  ${takeTurn(place)};
  UPDATE ${identifier} t SET ${updated.join(', ')} FROM unnest(p_keys, p_revisions${parts.lists}) w(key, revision${parts.names})
    WHERE t.key = w.key AND t.revision = w.revision;
END $function$`
}
