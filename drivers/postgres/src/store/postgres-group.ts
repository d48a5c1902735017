// A group of units of work as the parameters of the commit function, and its answer as the results of the units.
// Invariant: the parts of a unit keep their order, and what the function answers by number is found again by the same number here.

import type { EventRecord } from 'tidings'
import { invariant } from 'tidings/errors'
import {
  type Append,
  type CommitConflict,
  type CommitResult,
  type CommitUnit,
  formatPosition,
  type NewFact,
  type RowCheck,
  type RowWrite,
  slotOfKey,
} from 'tidings/ports'
import { float8Array, int2Array, int4Array, int8Array, textArray } from '../database/postgres-arrays.ts'
import { checksumOf } from '../database/postgres-checksums.ts'
import { commitParameters } from '../database/postgres-commit-function.ts'
import type { PostgresTable } from './postgres-catalogue.ts'
import { columnInDocument, encodeColumn } from './postgres-columns.ts'
import { functionsOf } from './postgres-table-functions.ts'

/** What the commit function answers. */
export interface GroupAnswer {
  readonly revision: number
  readonly eventsHead: number
  readonly factsHead: number
  readonly conflicts: string | null
}

/** How a group is committed. */
export interface GroupCall {
  readonly run: string
  readonly number: number
  readonly generation: number
  readonly isFlushed: boolean
}

interface OfUnit<Part> {
  readonly unit: number
  readonly part: Part
}

/** The parts of a group for one table. */
interface TablePart {
  readonly table: PostgresTable
  readonly checks: OfUnit<RowCheck>[]
  readonly puts: OfUnit<RowWrite & { readonly row: NonNullable<RowWrite['row']> }>[]
  readonly deletions: OfUnit<RowWrite>[]
}

/** Some units of work that are committed by one statement. Each unit succeeds or fails on its own. */
export class Group {
  readonly units: readonly CommitUnit[]
  readonly #parts: readonly TablePart[]
  readonly #appends: readonly OfUnit<Append>[]

  constructor(units: readonly CommitUnit[], tableOf: (name: string) => PostgresTable) {
    this.units = units
    const parts = new Map<string, TablePart>()
    const partOf = (name: string) => {
      const known = parts.get(name)
      if (known !== undefined) return known
      const part = { table: tableOf(name), checks: [], puts: [], deletions: [] }
      parts.set(name, part)
      return part
    }
    for (const [unit, { checks, rows }] of units.entries()) {
      for (const part of checks) partOf(part.table).checks.push({ unit, part })
      for (const part of lastOfEach(rows)) {
        const { row } = part
        if (row === null) partOf(part.table).deletions.push({ unit, part })
        else partOf(part.table).puts.push({ unit, part: { ...part, row } })
      }
    }
    this.#parts = [...parts.values()]
    this.#appends = units.flatMap(({ appends }, unit) => appends.map((part) => ({ unit, part })))
  }

  /** The parameters of the commit function. Throws `INVARIANT` or `PAYLOAD_NOT_JSON` if a unit can't be committed. */
  parameters({ run, number, generation, isFlushed }: GroupCall): readonly unknown[] {
    const call = { p_run: run, p_number: number, p_generation: generation, p_is_flushed: isFlushed }
    const byName: Readonly<Record<string, unknown>> = {
      ...call,
      ...this.#tables(),
      ...this.#facts(),
      ...this.#events(),
    }
    return commitParameters.map((parameter) => byName[parameter.slice(0, parameter.indexOf(' '))])
  }

  #tables() {
    const parts = this.#parts
    const checks = parts.flatMap((each) => each.checks)
    const puts = parts.flatMap((each) => each.puts)
    const deletions = parts.flatMap((each) => each.deletions)
    const values = parts.map(valuesOf)
    return {
      t_functions: textArray(parts.map(({ table }) => functionsOf(table.stored))),
      c_ends: endsOf(parts.map((each) => each.checks.length)),
      w_ends: endsOf(parts.map((each) => each.puts.length)),
      d_ends: endsOf(parts.map((each) => each.deletions.length)),
      v_ends: endsOf(values.map(({ length }) => length)),
      c_units: unitsOf(checks),
      c_keys: textArray(checks.map(({ part }) => part.key)),
      c_revisions: int8Array(checks.map(({ part }) => part.revision)),
      w_units: unitsOf(puts),
      w_keys: textArray(puts.map(({ part }) => part.key)),
      w_versions: int4Array(puts.map(({ part }) => part.row.schemaVersion)),
      w_docs: textArray(puts.map(({ part }) => part.row.json)),
      v_values: textArray(values.flat()),
      d_units: unitsOf(deletions),
      d_keys: textArray(deletions.map(({ part }) => part.key)),
    }
  }

  #facts() {
    const heads = this.units.flatMap(({ factsHead: part }, unit) => (part === undefined ? [] : [{ unit, part }]))
    const appends = this.#appends
    const facts = appends.flatMap(({ unit, part: append }) =>
      append.facts.map((fact, index) => ({ unit, part: { ...fact, append, version: fact.version, at: index + 1 } })),
    )
    const text = (read: (fact: NewFact & { append: Append }) => string | null) =>
      textArray(facts.map(({ part }) => read(part)))
    return {
      h_units: unitsOf(heads),
      h_positions: int8Array(heads.map(({ part }) => Number(part))),
      a_units: unitsOf(appends),
      a_categories: textArray(appends.map(({ part }) => part.category)),
      a_streams: textArray(appends.map(({ part }) => part.stream)),
      a_expected: int8Array(appends.map(({ part }) => part.expectedVersion)),
      f_units: unitsOf(facts),
      f_occurred_at: float8Array(facts.map(({ part }) => part.occurredAt)),
      f_recorded_at: float8Array(facts.map(({ part }) => part.recordedAt)),
      f_stream_versions: int8Array(facts.map(({ part }) => part.append.expectedVersion + part.at)),
      f_versions: int4Array(facts.map(({ part }) => part.version)),
      f_checksums: int4Array(
        facts.map(({ part }) => checksumOf({ type: part.type, key: part.append.stream, data: part.data })),
      ),
      f_categories: text(({ append }) => append.category),
      f_streams: text(({ append }) => append.stream),
      f_types: text(({ type }) => type),
      f_correlation_ids: text(({ correlationId }) => correlationId),
      f_causation_ids: text(({ causationId }) => causationId),
      f_caused_by: text(({ causedBy }) => causedBy),
      f_principals: text(({ principal }) => principal),
      f_tenants: text(({ tenant }) => tenant),
      f_data: text(({ data }) => data),
    }
  }

  #events() {
    const events = this.units.flatMap((each, unit) => each.events.map((part) => ({ unit, part })))
    const text = (read: (event: EventRecord) => string | null) => textArray(events.map(({ part }) => read(part)))
    return {
      e_units: unitsOf(events),
      e_occurred_at: float8Array(events.map(({ part }) => part.occurredAt)),
      e_recorded_at: float8Array(events.map(({ part }) => part.recordedAt)),
      e_entity_versions: int8Array(events.map(({ part }) => part.entityVersion)),
      e_versions: int4Array(events.map(({ part }) => part.version)),
      e_readable_from: int4Array(events.map(({ part }) => part.readableFrom)),
      e_checksums: int4Array(events.map(({ part }) => checksumOf(part))),
      e_slots: int2Array(events.map(({ part }) => slotOfKey(part.key))),
      e_ids: text(({ id }) => id),
      e_types: text(({ type }) => type),
      e_keys: text(({ key }) => key),
      e_correlation_ids: text(({ correlationId }) => correlationId),
      e_causation_ids: text(({ causationId }) => causationId),
      e_caused_by: text(({ causedBy }) => causedBy),
      e_principals: text(({ principal }) => principal),
      e_tenants: text(({ tenant }) => tenant),
      e_traceparents: text(({ traceparent }) => traceparent),
      e_tracestates: text(({ tracestate }) => tracestate),
      e_data: text(({ data }) => data),
      e_downcasts: text(({ downcasts }) => downcasts),
    }
  }

  /** The results of the units, in their order. */
  results({ revision, eventsHead, factsHead, conflicts }: GroupAnswer): readonly CommitResult[] {
    const found = conflicts === null ? undefined : this.#conflicts(conflicts, factsHead)
    const heads = { events: eventsHead, facts: factsHead }
    return this.units.map((unit, index) => {
      const own = found?.get(index)
      if (own !== undefined) return { committed: false, conflicts: own }
      heads.events += unit.events.length
      for (const { facts } of unit.appends) heads.facts += facts.length
      return {
        committed: true,
        revision: revision + index,
        eventLogHead: formatPosition(heads.events),
        factsHead: formatPosition(heads.facts),
      }
    })
  }

  // `4 9 ;2=5 3=7`: the 4th and the 9th check, and the 2nd and the 3rd append with the versions that their streams have.
  #conflicts(text: string, factsHead: number): ReadonlyMap<number, CommitConflict[]> {
    const found = new Map<number, CommitConflict[]>()
    const add = (unit: number, conflict: CommitConflict) => {
      const list = found.get(unit)
      if (list === undefined) found.set(unit, [conflict])
      else list.push(conflict)
    }
    const [rows = '', streams = ''] = text.split(';')
    const checks = this.#parts.flatMap((each) => each.checks)
    const wrong = new Set(
      rows
        .split(' ')
        .filter((each) => each !== '')
        .map((each) => checks[Number(each) - 1]?.part),
    )
    for (const [unit, { checks: own }] of this.units.entries())
      for (const check of own) if (wrong.has(check)) add(unit, { kind: 'row', table: check.table, key: check.key })
    for (const each of streams.split(' ').filter((part) => part !== '')) {
      const [number, actual] = each.split('=').map(Number) as [number, number]
      const { unit, part } = this.#appends[number - 1] as OfUnit<Append>
      add(unit, {
        kind: 'stream',
        category: part.category,
        stream: part.stream,
        expected: part.expectedVersion,
        actual,
      })
    }
    const actual = formatPosition(factsHead)
    for (const [unit, { factsHead: expected }] of this.units.entries())
      if (expected !== undefined && expected !== actual) add(unit, { kind: 'facts-head', expected, actual })
    return found
  }
}

/** Of several writes of one row, only the last counts. */
function lastOfEach(rows: readonly RowWrite[]): Iterable<RowWrite> {
  if (rows.length < 2) return rows
  return new Map(rows.map((row) => [`${row.table}\n${row.key}`, row])).values()
}

/** The values of the columns of a table's rows, one column after the other. */
function valuesOf({ table, puts }: TablePart): (string | null)[] {
  const { fields, stored } = table
  for (const { part } of puts)
    if (part.row.columns.length !== fields.length)
      invariant(false, `a row of ${table.name} has ${fields.length} columns`)
  return stored.columns.flatMap((column) => {
    const place = fields.indexOf(column.field)
    return puts.map(({ part: { row } }) => {
      const value = place < 0 ? columnInDocument(row.json, column.field) : (row.columns[place] ?? null)
      return encodeColumn(column, value)
    })
  })
}

function unitsOf(parts: readonly { readonly unit: number }[]): Buffer {
  return int4Array(parts.map(({ unit }) => unit))
}

function endsOf(lengths: readonly number[]): Buffer {
  let end = 0
  return int4Array(lengths.map((length) => (end += length)))
}
