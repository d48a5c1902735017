// The results of a run as rows: for people a table with ratios and marks, for programs JSON.

import { type ContenderName, type Row, rowsOf, type Work } from '../work.ts'
import type { Outcome } from './run-work.ts'

/** A row for programs. `null` if a contender does not take part or failed. */
export interface ReportRow {
  readonly work: string
  readonly durability: string
  readonly tidings: number | null
  readonly yardstick: number | null
  readonly emmett: number | null
  readonly unit: string
}

/** The contenders' figures in one row. */
export type RowFigures = Readonly<Partial<Record<ContenderName, number>>>

/** The rows of a piece of work: one for each figure, and another one if Emmett takes part with tuned settings. */
export function reportRows(work: Work, outcome: Outcome): readonly ReportRow[] {
  return rowsOf(work).flatMap((row, index) => {
    const figures = figuresOf(outcome, index)
    const report = (emmett: 'emmett' | 'emmettTuned'): ReportRow => ({
      work: emmett === 'emmett' ? row.work : `${row.work} (Emmett tuned)`,
      durability: row.durability,
      tidings: rounded(figures.tidings),
      yardstick: rounded(figures.yardstick),
      emmett: rounded(figures[emmett]),
      unit: row.unit,
    })
    return work.emmettTuned === undefined ? [report('emmett')] : [report('emmett'), report('emmettTuned')]
  })
}

/** The figures of one row. */
export function figuresOf({ figures }: Outcome, index: number): RowFigures {
  return Object.fromEntries(Object.entries(figures).map(([name, all]) => [name, all[index]]))
}

/** One mark: the figure that was reached and the one that was asked for. */
export interface Mark {
  /** The contender whose figure Tidings' is compared with; `bound`: none, the figure has an absolute limit. */
  readonly of: Exclude<ContenderName, 'tidings'> | 'bound'
  /** Tidings' figure as a multiple of the other's; for `bound`, the figure itself. */
  readonly reached: number
  readonly asked: number
  readonly met: boolean
}

/** The marks of a row for which there are figures. */
export function judge({ marks, bound, unit }: Row, figures: RowFigures): readonly Mark[] {
  const { tidings } = figures
  if (tidings === undefined) return []
  const judged: Mark[] = []
  const add = (of: Mark['of'], reached: number, asked: number) =>
    judged.push({ of, reached, asked, met: unit === 'ms' ? reached <= asked : reached >= asked })
  for (const [of, asked] of Object.entries(marks) as [Exclude<ContenderName, 'tidings'>, number][]) {
    const other = figures[of]
    if (other !== undefined) add(of, tidings / other, asked)
  }
  if (bound !== undefined) add('bound', tidings, bound)
  return judged
}

/** The lines of the table for people, one for each figure. */
export function tableLines(work: Work, outcome: Outcome): readonly string[] {
  return rowsOf(work).map((row, index) => {
    const figures = figuresOf(outcome, index)
    const cell = (name: ContenderName) =>
      work[name] === undefined ? '–' : outcome.errors[name] === undefined ? shown(figures[name], row.unit) : 'failed'
    const emmett = work.emmettTuned === undefined ? cell('emmett') : `${cell('emmett')}, tuned ${cell('emmettTuned')}`
    const marks = judge(row, figures).map((mark) => shownMark(mark, row.unit))
    return `| ${[row.work, row.durability, cell('tidings'), cell('yardstick'), emmett, row.unit, marks.join('; ')].join(' | ')} |`
  })
}

/** The head of the table for people. */
export const tableHead = [
  '| work | durability | Tidings | yardstick | Emmett | unit | ratio (mark) |',
  '| --- | --- | ---: | ---: | ---: | --- | --- |',
].join('\n')

const nameOf: Readonly<Record<Exclude<ContenderName, 'tidings'>, string>> = {
  yardstick: 'yardstick',
  emmett: 'Emmett',
  emmettTuned: 'Emmett tuned',
}

function shownMark({ of, reached, asked, met }: Mark, unit: Row['unit']): string {
  const what = of === 'bound' ? `${shown(reached, unit)} ${unit}` : `${reached.toFixed(2)} × ${nameOf[of]}`
  return `${what} (${unit === 'ms' ? '≤' : '≥'} ${asked}): ${met ? 'met' : 'MISSED'}`
}

function rounded(figure: number | undefined): number | null {
  if (figure === undefined || !Number.isFinite(figure)) return null
  return figure < 100 ? Math.round(figure * 1_000) / 1_000 : Math.round(figure)
}

function shown(figure: number | undefined, unit: Row['unit']): string {
  if (figure === undefined) return '–'
  if (unit === 'ms') return figure.toFixed(3)
  // Three digits: two runs never agree on more.
  return Number(figure.toPrecision(3)).toLocaleString('en')
}
