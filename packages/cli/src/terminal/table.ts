// Tables: aligned columns, without lines between them. If the terminal is narrow, the columns that may shrink do so, the widest first.

import { dim, padded, piecesOf, shortened, type Text, widthOf, wrapped } from './text.ts'

/** A column of a table. */
export interface Column {
  /** Its heading; a table without headings has no heading line. */
  readonly title?: string
  readonly align?: 'left' | 'right'
  /** What happens if the table is too wide: the column wraps, is cut, or stays as it is (default). */
  readonly fit?: 'wrap' | 'cut'
  /** Its smallest width, in terminal columns. Default: 8. */
  readonly widthMin?: number
  /** Terminal columns left empty behind it. Default: 2. */
  readonly gap?: number
}

/** A row: a text for each column. */
export type Row = readonly Text[]

/** The default gap between two columns. */
const gapWidth = 2

/** The lines of a table that is at most `width` columns wide, if its columns can shrink that far. */
export function tableLines(columns: readonly Column[], rows: readonly Row[], width: number): readonly Text[] {
  const titled = columns.some(({ title }) => title !== undefined)
  const heading = columns.map(({ title }) => dim(title ?? ''))
  return rowsOfLines(columns, titled ? [heading, ...rows] : rows, width).flat()
}

/** Named values, one below the other, indented. */
export function fieldLines(fields: readonly (readonly [name: string, value: Text])[], width: number): readonly Text[] {
  const rows = fields.map(([name, value]) => [dim(name), value])
  return tableLines([{}, { fit: 'wrap', widthMin: 20 }], rows, width - 2).map((line): Text => ['  ', line])
}

/** The lines of each row separately, so that other lines can be put between rows of one table. */
export function rowsOfLines(
  columns: readonly Column[],
  rows: readonly Row[],
  width: number,
): readonly (readonly Text[])[] {
  const widths = columnWidths(columns, rows, width)
  return rows.map((row) => rowLines(columns, row, widths))
}

/** The width of each column. Cells break between words first; words are cut last. */
export function columnWidths(columns: readonly Column[], rows: readonly Row[], width: number): readonly number[] {
  const widths = columns.map((_column, index) => Math.max(0, ...rows.map((row) => widthOf(row[index] ?? ''))))
  const least = columns.map(({ fit, widthMin = 8 }, index) => {
    const words = fit === 'wrap' ? Math.max(0, ...rows.map((row) => longestWord(row[index] ?? ''))) : 0
    return Math.max(widthMin, words)
  })
  const gaps = columns.reduce((sum, column, index) => sum + (widths[index] ? gapOf(columns, widths, column) : 0), 0)
  let over = widths.reduce((sum, each) => sum + each, 0) + gaps - width
  for (const minimums of [least, columns.map(({ widthMin = 8 }) => widthMin)]) {
    while (over > 0) {
      const index = widestAbove(columns, widths, minimums)
      if (index === undefined) break
      widths[index] = (widths[index] ?? 0) - 1
      over--
    }
  }
  return widths
}

function gapOf(columns: readonly Column[], widths: readonly number[], column: Column): number {
  const last = columns.findLastIndex((_column, index) => (widths[index] ?? 0) > 0)
  return columns[last] === column ? 0 : (column.gap ?? gapWidth)
}

function longestWord(text: Text): number {
  const words = piecesOf(text).flatMap((piece) => piece.text.split(' '))
  return Math.max(0, ...words.map((word) => widthOf(word)))
}

function widestAbove(
  columns: readonly Column[],
  widths: readonly number[],
  minimums: readonly number[],
): number | undefined {
  let widest: number | undefined
  for (const [index, column] of columns.entries()) {
    const width = widths[index] ?? 0
    if (column.fit === undefined || width <= (minimums[index] ?? 0)) continue
    if (widest === undefined || width > (widths[widest] ?? 0)) widest = index
  }
  return widest
}

function rowLines(columns: readonly Column[], row: Row, widths: readonly number[]): readonly Text[] {
  const cells = columns.map((column, index) => cellLines(column, row[index] ?? '', widths[index] ?? 0))
  const height = Math.max(1, ...cells.map((lines) => lines.length))
  const last = columns.findLastIndex((_column, index) => (widths[index] ?? 0) > 0)
  return Array.from({ length: height }, (_each, line) =>
    columns.flatMap((column, index) => {
      const width = widths[index] ?? 0
      if (width === 0 || index > last) return []
      const cell = cells[index]?.[line] ?? ''
      if (index === last) return [column.align === 'right' ? padded(cell, width, 'right') : cell]
      return [padded(cell, width, column.align), ' '.repeat(column.gap ?? gapWidth)]
    }),
  )
}

function cellLines(column: Column, cell: Text, width: number): readonly Text[] {
  if (widthOf(cell) <= width) return [cell]
  return column.fit === 'wrap' ? wrapped(cell, width) : [shortened(cell, width)]
}
