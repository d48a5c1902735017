// Expressions for the parts of a statement that engines write in different ways: fields of documents, and times as text.
// Invariant: what comes from outside is within quotes, so an expression stays one.

import type { DocumentField, SqlExpressions, SqlType, TimeUnit } from 'tidings/ports'
import { columnOf, quoted } from '../database/sqlite-names.ts'

/** The expressions of SQLite. */
export const sqlExpressions: SqlExpressions = {
  field: ({ alias, path, type, columnType }) => {
    const of = alias === undefined ? '' : `${quoted(alias)}.`
    // The columns of texts, true and false have what the documents have, and an index. A column of numbers has whole ones and others.
    if (columnType === type && type !== 'number') return `${of}${quoted(columnOf(String(path[0])))}`
    return fieldOf(`${of}doc`, text(pathText(path)), type)
  },
  time: (time, unit) => `strftime(${text(formats[unit])}, (${time}) / 1000.0, 'unixepoch')`,
}

function fieldOf(document: string, path: string, type: SqlType): string {
  const [kind, value] = [`json_type(${document}, ${path})`, `${document} ->> ${path}`]
  switch (type) {
    case 'text':
      return `CASE ${kind} WHEN 'text' THEN ${value} END`
    case 'number':
      return `CASE WHEN ${kind} IN ('integer', 'real') THEN CAST(${value} AS REAL) END`
    case 'integer':
      return `CASE WHEN ${kind} = 'integer' AND (${value}) BETWEEN -${wholeMax} AND ${wholeMax} THEN ${value} END`
    case 'boolean':
      return `CASE ${kind} WHEN 'true' THEN 1 WHEN 'false' THEN 0 END`
  }
}

const wholeMax = Number.MAX_SAFE_INTEGER

function pathText(path: DocumentField['path']): string {
  return `$${path.map((part) => (typeof part === 'number' ? `[${part}]` : `.${JSON.stringify(part)}`)).join('')}`
}

function text(value: string): string {
  return `'${value.replaceAll("'", "''")}'`
}

const formats: Readonly<Record<TimeUnit, string>> = {
  year: '%Y',
  month: '%Y-%m',
  day: '%Y-%m-%d',
  hour: '%Y-%m-%dT%H',
  minute: '%Y-%m-%dT%H:%M',
}
