// Expressions for the parts of a statement that engines write in different ways: fields of documents, and times as text.
// Invariant: what comes from outside is within quotes, so an expression stays one.

import type { SqlExpressions, SqlType, TimeUnit } from 'tidings/ports'
import { columnOf, quoted, quotedText } from '../database/postgres-names.ts'

/** The type of the column that a table has for a field; `undefined` if there is no such column, or if not all rows have their values in it. */
export type ColumnTypeOf = (table: string, field: string) => string | undefined

/** The expressions of Postgres for the tables of a store. */
export function createSqlExpressions(columnTypeOf: ColumnTypeOf): SqlExpressions {
  return {
    field: ({ table, alias, path, type }) => {
      const of = alias === undefined ? '' : `${quoted(alias)}.`
      const [field] = path
      const columnType = path.length === 1 && typeof field === 'string' ? columnTypeOf(table, field) : undefined
      if (columnType !== undefined && columnType === (type === 'integer' ? 'number' : type))
        return inColumn(`${of}${quoted(columnOf(String(field)))}`, type)
      const names = path.map((part) => quotedText(String(part))).join(', ')
      return inDocument(`(${of}doc::json #> ARRAY[${names}])`, type)
    },
    time: (time, unit) =>
      `(to_char(to_timestamp((${time}) / 1000.0) AT TIME ZONE 'UTC', ${quotedText(formats[unit])}) COLLATE "C")`,
  }
}

function inColumn(column: string, type: SqlType): string {
  if (type !== 'integer') return column
  return `CASE WHEN ${column} = trunc(${column}) AND abs(${column}) <= ${wholeMax} THEN ${column}::bigint END`
}

function inDocument(value: string, type: SqlType): string {
  const [kind, text] = [`json_typeof(${value})`, `(${value} #>> '{}')`]
  switch (type) {
    case 'text':
      return `(CASE ${kind} WHEN 'string' THEN ${text} END COLLATE "C")`
    case 'number':
      return `CASE ${kind} WHEN 'number' THEN ${text}::double precision END`
    case 'integer':
      return `CASE WHEN ${kind} = 'number' THEN CASE WHEN ${text} ~ '^-?[0-9]{1,16}$' THEN CASE WHEN ${text}::bigint BETWEEN -${wholeMax} AND ${wholeMax} THEN ${text}::bigint END END END`
    case 'boolean':
      return `CASE ${kind} WHEN 'boolean' THEN ${text}::boolean END`
  }
}

const wholeMax = Number.MAX_SAFE_INTEGER

const formats: Readonly<Record<TimeUnit, string>> = {
  year: 'YYYY',
  month: 'YYYY-MM',
  day: 'YYYY-MM-DD',
  hour: 'YYYY-MM-DD"T"HH24',
  minute: 'YYYY-MM-DD"T"HH24:MI',
}
