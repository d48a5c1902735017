// The table for people, in a terminal of 120 columns: a line of figures for each row, and a line with its marks.

import { namesOf } from './names.ts'
import type { Mark, ReportRow } from './report.ts'

/** A column: its heads, one above the other, and the text of a row. */
interface Column {
  readonly heads: readonly [string, string]
  readonly width: number
  readonly left?: true
  readonly of: (row: ReportRow) => string
}

const columns: readonly Column[] = [
  { heads: ['', 'work'], width: 42, left: true, of: ({ work }) => work },
  {
    heads: ['', 'commit'],
    width: 6,
    left: true,
    of: ({ durability }) => (durability === 'power-loss' ? 'power' : 'crash'),
  },
  {
    heads: ['', 'unit'],
    width: 13,
    left: true,
    of: ({ unit, better }) => `${unit} ${better === 'higher' ? '↑' : '↓'}`,
  },
  { heads: ['', 'Tidings'], width: 9, of: ({ wall }) => shown(wall.tidings) },
  { heads: ['', 'by hand'], width: 9, of: ({ wall }) => shown(wall.yardstick) },
  { heads: ['', '×'], width: 5, of: ({ wall }) => ratio(wall.ratio) },
  { heads: ['1 core', '×'], width: 6, of: ({ oneCore }) => ratio(oneCore.ratio) },
  { heads: ['CPU µs', 'Tidings'], width: 8, of: ({ cpu }) => shown(cpu.tidings) },
  { heads: ['CPU µs', 'by hand'], width: 8, of: ({ cpu }) => shown(cpu.yardstick) },
  { heads: ['CPU', '×'], width: 5, of: ({ cpu }) => ratio(cpu.ratio) },
]

/** The lines above the rows. */
export const tableHead: readonly string[] = [
  '↑ higher is better, ↓ lower is better. ×: Tidings as a multiple of the work by hand, on all cores; 1 core ×: on one.',
  'CPU µs: user and system time of one piece of work. CPU ×: by hand as a multiple of Tidings, so higher is better.',
  '',
  line((column) => column.heads[0]),
  line((column) => column.heads[1]),
  '─'.repeat(120),
]

/** The lines of a row. */
export function tableLines(row: ReportRow): readonly string[] {
  const marks = row.marks.map((mark) => shownMark(mark, row))
  const failed = row.failed.map((name) => `${name} FAILED`)
  const all = [...marks, ...failed]
  return all.length === 0
    ? [line((column) => column.of(row))]
    : [line((column) => column.of(row)), `    ${all.join(' · ')}`]
}

function line(of: (column: Column) => string): string {
  const cells = columns.map((column) => {
    const text = of(column)
    return column.left === true ? text.padEnd(column.width) : text.padStart(column.width)
  })
  return cells.join(' ').trimEnd()
}

/** A mark in words: `0.84 × by hand (≥ 0.9) MISSED`. */
export function shownMark(mark: Mark, row: ReportRow): string {
  const { of, reached, asked, at, met } = mark
  const theirs = of === 'emmett' || of === 'emmettTuned' ? ` ${shown(row[of])}` : ''
  const what =
    of === 'bound'
      ? `${shown(reached)} ${row.unit}`
      : of === 'cpu'
        ? `CPU ${ratio(reached)}`
        : `${times(reached)} × ${namesOf(of)}${theirs}`
  return `${what} (${at === 'most' ? '≤' : '≥'} ${asked.toLocaleString('en')}) ${met ? 'met' : 'MISSED'}`
}

const times = (reached: number) => (reached >= 10 ? reached.toFixed(1) : reached.toFixed(2))

/** A ratio with two digits after the point. */
export const ratio = (figure: number | null) =>
  figure === null ? '–' : figure >= 100 ? figure.toFixed(0) : figure.toFixed(2)

/** A figure with three digits: two runs never agree on more. */
export function shown(figure: number | null): string {
  if (figure === null) return '–'
  return Number(figure.toPrecision(3)).toLocaleString('en', { maximumFractionDigits: 3 })
}
