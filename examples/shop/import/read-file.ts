// Reads one file of the data set into rows. A row that cannot be read is rejected, and reading continues; only a file that is missing or
// has the wrong columns stops the import.
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type CsvRow, csvRows } from './csv-rows.ts'
import { RowRefused } from './fields.ts'
import type { OlistFile } from './olist-rows.ts'

/** The file and line of a row. */
export interface RowPlace {
  readonly file: string
  /** The line on which the row starts; the header is line 1. */
  readonly line: number
}

/** A row that was not imported, and the reason. */
export interface RejectedRow extends RowPlace {
  readonly reason: string
}

/** A row that was read, with the line on which it starts. */
export interface ReadRow<Row> {
  readonly line: number
  readonly row: Row
}

/** Reads the rows of a file. `accept` may refuse a row (throws `RowRefused`): a duplicate, an unknown order. */
export async function readOlistFile<Row>(
  folder: string,
  file: OlistFile<Row>,
  rejected: RejectedRow[],
  accept: (read: ReadRow<Row>) => void,
): Promise<void> {
  const rows = csvRows(await readText(folder, file.name))
  const [header, places] = readHeader(rows.next())
  const missing = file.columns.filter((column) => !header.includes(column))
  if (missing.length > 0) {
    throw new Error(`${join(folder, file.name)} has no column ${missing.join(', ')}. Is it the right file?`)
  }
  for (const { line, fields, reason } of rows) {
    try {
      if (fields === undefined) throw new RowRefused(reason)
      if (fields.length !== header.length) {
        throw new RowRefused(`the row has ${fields.length} fields, the header has ${header.length}`)
      }
      if (fields.some((field) => field.includes('\uFFFD'))) throw new RowRefused('the row is not valid UTF-8')
      accept({ line, row: file.read((column) => fields[places.get(column) ?? -1] ?? '') })
    } catch (error) {
      if (!(error instanceof RowRefused)) throw error
      rejected.push({ file: file.name, line, reason: error.message })
    }
  }
}

function readHeader(first: IteratorResult<CsvRow, void>): [readonly string[], ReadonlyMap<string, number>] {
  const header = first.done === true ? [] : (first.value.fields ?? [])
  return [header, new Map(header.map((column, place) => [column, place]))]
}

async function readText(folder: string, name: string): Promise<string> {
  const path = join(folder, name)
  try {
    return await readFile(path, 'utf8')
  } catch (cause) {
    throw new Error(
      `${path} cannot be read. --orders takes a folder with the CSV files of the Olist data set, such as ../shared/data/olist-sample.`,
      { cause },
    )
  }
}
