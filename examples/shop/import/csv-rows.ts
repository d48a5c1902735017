// Reads CSV (RFC 4180) row by row, with line numbers. Broken quoting affects its own row only: reading continues at the next line, so a
// quote that is never closed does not consume the rest of the file.
// Invariant: every row and every refusal has the number of the line on which it starts; the header is line 1.

/** A row of the file, or the reason why it cannot be read. */
export type CsvRow =
  | { readonly line: number; readonly fields: readonly string[]; readonly reason?: undefined }
  | { readonly line: number; readonly fields?: undefined; readonly reason: string }

/** The longest row, in characters. Longer ones are refused, so that an unclosed quote is found early. */
export const rowLengthMax = 65_536

interface Cursor {
  readonly text: string
  at: number
  line: number
}

/** The rows of a CSV text, including the header; empty lines are skipped. */
export function* csvRows(text: string): Generator<CsvRow, void> {
  const cursor: Cursor = { text, at: text.startsWith('\uFEFF') ? 1 : 0, line: 1 }
  while (cursor.at < text.length) {
    const { at, line } = cursor
    const row = readRow(cursor)
    if (typeof row === 'string') {
      yield { line, reason: row }
      cursor.at = lineEnd(text, at) + 1
      cursor.line = line + 1
    } else if (row.length > 1 || row[0] !== '') {
      yield { line, fields: row }
    }
  }
}

// The fields of the row at the cursor, which moves past it; or the reason why it cannot be read.
function readRow(cursor: Cursor): readonly string[] | string {
  const start = cursor.at
  const fields: string[] = []
  for (;;) {
    const field = cursor.text[cursor.at] === '"' ? readQuoted(cursor, start) : readPlain(cursor)
    if (field.reason !== undefined) return field.reason
    fields.push(field.value)
    if (cursor.at - start > rowLengthMax) return `the row is longer than ${rowLengthMax} characters`
    if (cursor.text[cursor.at] === ',') {
      cursor.at++
      continue
    }
    cursor.at = lineEnd(cursor.text, cursor.at) + 1
    cursor.line++
    return fields
  }
}

type Field = { readonly value: string; readonly reason?: undefined } | { readonly reason: string }

function readPlain(cursor: Cursor): Field {
  const { text, at } = cursor
  let end = at
  while (end < text.length && text[end] !== ',' && text[end] !== '\n') end++
  cursor.at = end
  const isLast = text[end] !== ','
  const value = text.slice(at, isLast && end > at && text[end - 1] === '\r' ? end - 1 : end)
  return value.includes('"') ? { reason: 'a field contains a quote but does not start with one' } : { value }
}

function readQuoted(cursor: Cursor, rowStart: number): Field {
  const { text } = cursor
  let value = ''
  let from = cursor.at + 1
  for (;;) {
    const end = text.indexOf('"', from)
    if (end === -1) return { reason: 'a quote is never closed' }
    if (end - rowStart > rowLengthMax) {
      return { reason: `a quote is not closed within ${rowLengthMax} characters` }
    }
    value += text.slice(from, end)
    if (text[end + 1] === '"') {
      value += '"'
      from = end + 2
      continue
    }
    const next = text[end + 1] === '\r' && text[end + 2] === '\n' ? end + 2 : end + 1
    if (next < text.length && text[next] !== ',' && text[next] !== '\n') {
      return { reason: 'there is text after the closing quote of a field' }
    }
    cursor.line += value.split('\n').length - 1
    cursor.at = next
    return { value }
  }
}

function lineEnd(text: string, from: number): number {
  const end = text.indexOf('\n', from)
  return end === -1 ? text.length : end
}
