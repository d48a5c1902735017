// Writes the results into docs/benchmarks.md, between the lines `<!-- bench:begin -->` and `<!-- bench:end -->`.
// Invariant: nothing outside of these lines changes.

import { readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { rowsOf, type Work } from '../work.ts'
import { inWords } from './machine.ts'
import type { Mark, ReportRow } from './report.ts'
import type { KeptRow } from './results.ts'
import { ratio, shown, shownMark } from './table.ts'

const file = path.join(import.meta.dirname, '..', '..', 'docs', 'benchmarks.md')

/** Writes the results. */
export function writeDocument(rows: readonly KeptRow[], works: readonly Work[]): void {
  writeFileSync(file, withResults(readFileSync(file, 'utf8'), rows, works))
}

/** A document with the results between its two lines. */
export function withResults(document: string, rows: readonly KeptRow[], works: readonly Work[]): string {
  return betweenMarks(document, 'bench', results(rows, works))
}

/** A document with lines between `<!-- NAME:begin -->` and `<!-- NAME:end -->`. */
export function betweenMarks(document: string, name: string, lines: readonly string[]): string {
  const [begin, end] = [`<!-- ${name}:begin -->`, `<!-- ${name}:end -->`]
  const [from, to] = [document.indexOf(begin), document.indexOf(end)]
  if (from < 0 || to < from) throw new Error(`The document needs a line ${begin} and, after it, a line ${end}.`)
  return `${document.slice(0, from + begin.length)}\n${lines.join('\n')}\n${document.slice(to)}`
}

function results(rows: readonly KeptRow[], works: readonly Work[]): readonly string[] {
  const runs = [...Map.groupBy(rows, ({ measured }) => inWords(measured)).entries()]
  const named = (row: KeptRow) =>
    runs.length === 1 ? '' : ` [${runs.findIndex(([words]) => words === inWords(row.measured)) + 1}]`
  return [
    ...runs.map(([words], index) => (runs.length === 1 ? `${words}.` : `[${index + 1}] ${words}.  `)),
    '',
    '| work | commit | unit | Tidings | by hand | × | × on one core | CPU µs | by hand | CPU × | marks |',
    '| --- | --- | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | --- |',
    ...rows.map((row) => cells(`${row.work}${named(row)}`, row)),
    '',
    'Beside Emmett, on all cores:',
    '',
    '| work | commit | unit | Tidings | Emmett | Emmett, tuned | marks |',
    '| --- | --- | --- | ---: | ---: | ---: | --- |',
    ...rows.filter(({ emmett }) => emmett !== null).map(besideEmmett),
    '',
    'What each work is:',
    '',
    ...works
      .map((work) => `- **${namesOfRows(work)}**: ${work.about}`)
      .filter((text, index, all) => all.indexOf(text) === index),
  ]
}

function cells(name: string, row: ReportRow): string {
  const { wall, oneCore, cpu } = row
  return joined([
    name,
    commitOf(row),
    unitOf(row),
    shown(wall.tidings),
    shown(wall.yardstick),
    ratio(wall.ratio),
    ratio(oneCore.ratio),
    shown(cpu.tidings),
    shown(cpu.yardstick),
    ratio(cpu.ratio),
    marksOf(row, ({ of }) => !of.startsWith('emmett')),
  ])
}

function besideEmmett(row: ReportRow): string {
  const marks = marksOf(row, ({ of }) => of.startsWith('emmett'))
  return joined([
    row.work,
    commitOf(row),
    unitOf(row),
    shown(row.wall.tidings),
    shown(row.emmett),
    shown(row.emmettTuned),
    marks,
  ])
}

const joined = (texts: readonly string[]) => `| ${texts.join(' | ')} |`

const commitOf = ({ durability }: ReportRow) => durability

const unitOf = ({ unit, better }: ReportRow) => `${unit} ${better === 'higher' ? '↑' : '↓'}`

function marksOf(row: ReportRow, chosen: (mark: Mark) => boolean): string {
  const texts = row.marks.filter(chosen).map((mark) => shownMark(mark, row).replace('MISSED', '**missed**'))
  return texts.length === 0 ? '–' : texts.join('; ')
}

/** The rows of a work, by name; what several have in common stands once. */
function namesOfRows(work: Work): string {
  const names = rowsOf(work).map((row) => row.work)
  const [first = ''] = names
  return names.length === 1 ? first : (first.split(/[:,]/)[0] ?? first)
}
