// The tables of a store: what this instance has asked for, and what the database has. Several instances with different code may share a store: a table has
// every column that one of them has asked for, and a writer fills those that its own layout lacks from the document.
// Invariant: tables are created and changed by one message under the turn, which fails if the table has another layout by then; whoever fails reads the
// catalogue again. So no commit runs meanwhile, and a client that is frozen holds nothing.

import { invariant } from 'tidings/errors'
import type { TableLayout } from 'tidings/ports'
import { int8Array, textArray } from '../database/postgres-arrays.ts'
import type { Answer } from '../database/postgres-connection.ts'
import type { PostgresConnections } from '../database/postgres-connections.ts'
import { sqlState, sqlStateOf } from '../database/postgres-errors.ts'
import { boundedName, columnOf, quoted, quotedText } from '../database/postgres-names.ts'
import { type StorePlace, takeTurn } from '../database/postgres-schema.ts'
import {
  canHold,
  columnComment,
  columnDefinition,
  columnInDocument,
  columnsOf,
  encodeColumn,
  indexNames,
  indexStatements,
  type StoredColumn,
  toMixed,
} from './postgres-columns.ts'
import { dropFunctions, functionsOf, type StoredTable, tableFunctions } from './postgres-table-functions.ts'

/** A table that this instance uses. */
export interface PostgresTable {
  readonly name: string
  /** The quoted identifier, with the schema. */
  readonly identifier: string
  /** The indexed fields that this instance has asked for, in the order of its layout. */
  readonly fields: readonly string[]
  readonly stored: StoredTable
}

/** The tables of a store. */
export interface Catalogue {
  /** A table that was ensured, here or by another instance. */
  table(name: string): Promise<PostgresTable>
  /** The same, if it is known already. */
  known(name: string): PostgresTable | undefined
  identifierOf(name: string): string
  ensure(layout: TableLayout): Promise<void>
  drop(name: string): Promise<void>
  names(): Promise<readonly string[]>
  /** From now on, the changes of these tables are noted. Tables that are not there are left out. */
  note(names: readonly string[]): Promise<void>
  /** Reads again what the database has. */
  reload(): Promise<void>
  /** The statements that drop the functions of all tables. */
  functionDrops(): readonly string[]
  /** The statements that create the functions of all tables for a store at another place. */
  functionsAt(place: StorePlace): readonly string[]
}

/** How often a table is looked at again because another instance has changed it at the same moment. */
const attemptsMax = 20
/** How many rows are filled in one statement. */
const fillCount = 500

/** Whether an error says that a table is not as the catalogue says. */
export function isOutdated(error: unknown): boolean {
  const code = sqlStateOf(error)
  return code !== undefined && outdated.has(code)
}

const outdated: ReadonlySet<string> = new Set([
  sqlState.layoutChanged,
  sqlState.undefinedTable,
  sqlState.undefinedColumn,
  sqlState.undefinedFunction,
  sqlState.wrongType,
  sqlState.planChanged,
])

/** Opens the catalogue of a store. */
export async function openCatalogue(connections: PostgresConnections, place: StorePlace): Promise<Catalogue> {
  const catalogue = new StoreCatalogue(connections, place)
  await catalogue.reload()
  return catalogue
}

interface Change {
  readonly statements: readonly string[]
  readonly after: StoredTable
}

class StoreCatalogue implements Catalogue {
  readonly #connections: PostgresConnections
  readonly #place: StorePlace
  #stored = new Map<string, StoredTable>()
  readonly #tables = new Map<string, PostgresTable>()
  /** What this instance has asked for. */
  readonly #wanted = new Map<string, TableLayout>()
  /** What is to be ensured together. */
  readonly #asked = new Map<string, TableLayout>()
  #batch: Promise<void> | undefined

  constructor(connections: PostgresConnections, place: StorePlace) {
    this.#connections = connections
    this.#place = place
  }

  identifierOf(name: string): string {
    return this.#place.in(boundedName(name))
  }

  known(name: string): PostgresTable | undefined {
    return this.#tables.get(name)
  }

  async table(name: string): Promise<PostgresTable> {
    if (!this.#stored.has(name)) await this.reload()
    const table = this.#tables.get(name)
    if (table === undefined) invariant(false, `table ${name} was ensured before it is used`)
    return table
  }

  async reload(): Promise<void> {
    const { rows } = await this.#connections.query(
      `SELECT name, number, layout, columns, noted FROM ${this.#place.in('tidings_tables')} WHERE number > $1`,
      [0],
    )
    this.#stored = new Map()
    this.#tables.clear()
    for (const [name, number, layout, columns, noted] of rows as [string, number, number, string, boolean][])
      this.#keep({ name, number, layout, columns: JSON.parse(columns) as StoredColumn[], noted })
  }

  #keep(stored: StoredTable): void {
    const { name } = stored
    this.#stored.set(name, stored)
    const fields = this.#wanted.get(name)?.indexes ?? stored.columns.map(({ field }) => field)
    this.#tables.set(name, { name, identifier: this.identifierOf(name), fields, stored })
  }

  // Those that are ensured at the same moment are created together.
  async ensure(layout: TableLayout): Promise<void> {
    this.#wanted.set(layout.name, layout)
    this.#asked.set(layout.name, layout)
    this.#batch ??= Promise.resolve().then(() => this.#ensureAsked())
    await this.#batch
    await this.#fill(layout.name)
  }

  async #ensureAsked(): Promise<void> {
    const asked = [...this.#asked.values()]
    this.#asked.clear()
    this.#batch = undefined
    for (let attempt = 1; ; attempt++) {
      const changes: Change[] = []
      const numberMax = Math.max(0, ...[...this.#stored.values()].map(({ number }) => number))
      for (const [index, layout] of asked.entries()) {
        const stored = this.#stored.get(layout.name)
        const isNew = stored === undefined
        const change = isNew ? this.#creation(layout, numberMax + index + 1) : await this.#alteration(stored, layout)
        if (change !== undefined) changes.push(change)
        // It has other fields from now on, even if nothing changes in the database.
        if (!isNew) this.#keep(stored)
      }
      if (changes.length === 0) return
      const statements = changes.flatMap((change) => change.statements)
      if (!(await this.#apply(statements, attempt))) continue
      for (const { after } of changes) this.#keep(after)
      return
    }
  }

  /** Runs statements under the turn; returns false if a table is not as this instance believes, after it has read the catalogue again. */
  async #apply(statements: readonly string[], attempt: number): Promise<boolean> {
    try {
      await this.#connections.borrow((connection) => connection.run([takeTurn(this.#place), ...statements].join(';\n')))
      return true
    } catch (error) {
      // Another instance has given a number or a name of this one to a table of its own.
      const isTaken = sqlStateOf(error) === sqlState.duplicate
      if (attempt === attemptsMax || !(isTaken || isOutdated(error))) throw error
      await this.reload()
      return false
    }
  }

  #expect({ name, layout }: Pick<StoredTable, 'name' | 'layout'>): string {
    return `SELECT ${this.#place.in('tidings_expect_layout')}(${quotedText(name)}, ${layout})`
  }

  #creation(layout: TableLayout, number: number): Change {
    const { name } = layout
    const table: StoredTable = { name, number, layout: 1, columns: columnsOf(layout), noted: false }
    const identifier = this.identifierOf(name)
    const columns = table.columns.map((column) => `, ${columnDefinition(column)}`).join('')
    return {
      after: table,
      statements: [
        this.#expect({ name, layout: 0 }),
        `INSERT INTO ${this.#place.in('tidings_tables')} VALUES (${quotedText(name)}, ${number}, 1, ${quotedText(JSON.stringify(table.columns))})`,
        // A row that is updated stays in its page if there is room, and then its indexes stay as they are.
        `CREATE TABLE ${identifier} (key text COLLATE "C" PRIMARY KEY, revision bigint NOT NULL, schema_version int NOT NULL,
          doc text COLLATE "C" NOT NULL${columns}) WITH (fillfactor = 85)`,
        ...table.columns.flatMap((column) => [
          ...columnComment(identifier, column),
          ...indexStatements(boundedName(name), identifier, column),
        ]),
        ...tableFunctions(this.#place, identifier, table),
      ],
    }
  }

  async #alteration(stored: StoredTable, layout: TableLayout): Promise<Change | undefined> {
    const identifier = this.identifierOf(stored.name)
    const statements: string[] = []
    const columns = [...stored.columns]
    for (const wanted of columnsOf(layout)) {
      const place = columns.findIndex(({ field }) => field === wanted.field)
      const present = columns[place]
      if (present === undefined) {
        columns.push({ ...wanted, filled: false })
        statements.push(
          `ALTER TABLE ${identifier} ADD COLUMN ${columnDefinition(wanted)}`,
          ...columnComment(identifier, wanted),
        )
        continue
      }
      const type = present.type === wanted.type ? present.type : await this.#typeFor(identifier, present, wanted)
      if (type === present.type && present.anyOrder === wanted.anyOrder) continue
      const next = { ...present, type, anyOrder: wanted.anyOrder }
      columns[place] = next
      statements.push(...this.#columnChange(stored.name, identifier, present, next))
    }
    if (statements.length === 0) return undefined
    const after = { ...stored, layout: stored.layout + 1, columns }
    return { after, statements: [this.#expect(stored), ...statements, ...this.#replaceFunctions(stored, after)] }
  }

  /** A column whose values already have another type becomes mixed: no value is lost, and reads give the same. */
  async #typeFor(identifier: string, present: StoredColumn, wanted: StoredColumn) {
    if (wanted.type === 'mixed') return wanted.type
    const column = quoted(columnOf(present.field))
    const { rows } = await this.#connections.borrow((connection) =>
      connection.query(`SELECT EXISTS (SELECT 1 FROM ${identifier} WHERE ${column} IS NOT NULL)`),
    )
    return rows[0]?.[0] === true ? 'mixed' : wanted.type
  }

  #columnChange(name: string, identifier: string, present: StoredColumn, next: StoredColumn): string[] {
    const column = quoted(columnOf(next.field))
    const indexes = present.filled ? indexNames(boundedName(name), present) : []
    const statements = indexes.map((index) => `DROP INDEX IF EXISTS ${this.#place.schema}.${index}`)
    if (next.type === 'mixed' && present.type !== 'mixed')
      statements.push(`ALTER TABLE ${identifier} ALTER COLUMN ${column} TYPE bytea USING ${toMixed(present)}`)
    else if (next.type !== present.type)
      statements.push(
        `ALTER TABLE ${identifier} DROP COLUMN ${column}`,
        `ALTER TABLE ${identifier} ADD COLUMN ${columnDefinition(next)}`,
      )
    return present.filled ? [...statements, ...indexStatements(boundedName(name), identifier, next)] : statements
  }

  #replaceFunctions(before: StoredTable, after: StoredTable): readonly string[] {
    const columns = quotedText(JSON.stringify(after.columns))
    return [
      ...dropFunctions(this.#place, before),
      ...tableFunctions(this.#place, this.identifierOf(after.name), after),
      `UPDATE ${this.#place.in('tidings_tables')} SET layout = ${after.layout}, columns = ${columns}, noted = ${after.noted}
        WHERE name = ${quotedText(after.name)}`,
    ]
  }

  /** Gives the rows that were there before a column their values in it, and then the column its index. */
  async #fill(name: string): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      const stored = this.#stored.get(name)
      if (stored === undefined || stored.columns.every(({ filled }) => filled)) return
      try {
        await this.#fillRows(stored)
      } catch (error) {
        if (attempt === attemptsMax || !isOutdated(error)) throw error
        await this.reload()
        continue
      }
      const columns = stored.columns.map((column) => ({ ...column, filled: true }))
      const after = { ...stored, layout: stored.layout + 1, columns }
      const fresh = columns.filter((_, index) => stored.columns[index]?.filled === false)
      const indexes = fresh.flatMap((column) => indexStatements(boundedName(name), this.identifierOf(name), column))
      if (await this.#apply([this.#expect(stored), ...indexes, ...this.#replaceFunctions(stored, after)], attempt))
        this.#keep(after)
    }
  }

  async #fillRows(stored: StoredTable): Promise<void> {
    const identifier = this.identifierOf(stored.name)
    const present = stored.columns.map(({ field, filled }) => (filled ? quoted(columnOf(field)) : 'NULL'))
    const list = ['key', 'revision', 'doc', ...present.map((column) => `${column}::text`)].join(', ')
    const fill = `SELECT ${this.#place.in(`tidings_fill_${functionsOf(stored)}`)}($1, $2, $3)`
    for (let after: string | null = null; ; ) {
      const rest = after === null ? '$1::text IS NULL' : 'key > $1'
      const { rows }: Answer = await this.#connections.query(
        `SELECT ${list} FROM ${identifier} WHERE ${rest} ORDER BY key LIMIT ${fillCount}`,
        [after],
      )
      const last = rows.at(-1)
      if (last === undefined) return
      after = last[0] as string
      const values = stored.columns.flatMap((column, index) =>
        rows.map((row) => (column.filled ? (row[index + 3] as string | null) : encodeOrNull(column, row[2] as string))),
      )
      const keys = textArray(rows.map(([key]) => key as string))
      const revisions = int8Array(rows.map(([, revision]) => revision as number))
      await this.#connections.borrow((connection) => connection.query(fill, [keys, revisions, textArray(values)]))
    }
  }

  async drop(name: string): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      await this.reload()
      const stored = this.#stored.get(name)
      this.#wanted.delete(name)
      if (stored === undefined) return
      const statements = [
        this.#expect(stored),
        ...dropFunctions(this.#place, stored),
        `DROP TABLE ${this.identifierOf(name)}`,
        `DELETE FROM ${this.#place.in('tidings_tables')} WHERE name = ${quotedText(name)}`,
      ]
      if (!(await this.#apply(statements, attempt))) continue
      this.#stored.delete(name)
      this.#tables.delete(name)
      return
    }
  }

  async names(): Promise<readonly string[]> {
    const { rows } = await this.#connections.query(
      `SELECT name FROM ${this.#place.in('tidings_tables')} WHERE number > $1 ORDER BY name`,
      [0],
    )
    return rows.map(([name]) => name as string)
  }

  async note(names: readonly string[]): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      if (attempt === 1) await this.reload()
      const tables = names.flatMap((name) => this.#stored.get(name) ?? []).filter(({ noted }) => !noted)
      if (tables.length === 0) return
      const statements = tables.flatMap((stored) => {
        const noted = { ...stored, noted: true }
        // The functions keep their names: the next commit of whichever instance calls the new ones.
        return [
          this.#expect(stored),
          ...tableFunctions(this.#place, this.identifierOf(stored.name), noted),
          `UPDATE ${this.#place.in('tidings_tables')} SET noted = true WHERE name = ${quotedText(stored.name)}`,
        ]
      })
      if (!(await this.#apply(statements, attempt))) continue
      for (const stored of tables) this.#keep({ ...stored, noted: true })
      return
    }
  }

  functionDrops(): readonly string[] {
    return [...this.#stored.values()].flatMap((stored) => dropFunctions(this.#place, stored))
  }

  functionsAt(place: StorePlace): readonly string[] {
    return [...this.#stored.values()].flatMap((stored) =>
      tableFunctions(place, place.in(boundedName(stored.name)), stored),
    )
  }
}

// The rows may have been written by other code, and a value of another type is no value of the new column.
function encodeOrNull(column: StoredColumn, json: string): string | null {
  const value = columnInDocument(json, column.field)
  return canHold(column, value) ? encodeColumn(column, value) : null
}
