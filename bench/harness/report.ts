// What a run came to, as rows: for people a table with ratios and marks, for programs JSON.

import type { ContenderName, Work } from '../work.ts'
import type { Outcome } from './run-work.ts'

/** A row for programs. `null` where a contender does not take part or failed. */
export interface ReportRow {
  readonly work: string
  readonly durability: string
  readonly tidings: number | null
  readonly yardstick: number | null
  readonly emmett: number | null
  readonly unit: string
}

/** The rows of a piece of work: one, and another one against Emmett with tuned settings where that takes part. */
export function reportRows(work: Work, { figures }: Outcome): readonly ReportRow[] {
  const row = (emmett: 'emmett' | 'emmettTuned'): ReportRow => ({
    work: emmett === 'emmett' ? work.work : `${work.work} (Emmett tuned)`,
    durability: work.durability,
    tidings: rounded(figures.tidings),
    yardstick: rounded(figures.yardstick),
    emmett: rounded(figures[emmett]),
    unit: work.unit,
  })
  return work.emmettTuned === undefined ? [row('emmett')] : [row('emmett'), row('emmettTuned')]
}

/** One mark: what was reached of what was asked. */
export interface Mark {
  readonly of: Exclude<ContenderName, 'tidings'>
  /** Tidings' figure as a multiple of the other's. */
  readonly ratio: number
  readonly asked: number
  readonly met: boolean
}

/** The marks of a row that can be judged. */
export function judge(work: Work, { figures }: Outcome): readonly Mark[] {
  const marks: Mark[] = []
  for (const [of, asked] of Object.entries(work.marks) as [Mark['of'], number][]) {
    const other = figures[of]
    if (figures.tidings === undefined || other === undefined) continue
    const ratio = figures.tidings / other
    marks.push({ of, ratio, asked, met: work.unit === 'ms' ? ratio <= asked : ratio >= asked })
  }
  return marks
}

/** One line of the table for people. */
export function tableLine(work: Work, outcome: Outcome): string {
  const { figures } = outcome
  const cell = (name: ContenderName) =>
    work[name] === undefined ? '–' : outcome.errors[name] === undefined ? shown(figures[name], work.unit) : 'failed'
  const emmett = work.emmettTuned === undefined ? cell('emmett') : `${cell('emmett')}, tuned ${cell('emmettTuned')}`
  const sign = work.unit === 'ms' ? '≤' : '≥'
  const marks = judge(work, outcome).map(
    ({ of, ratio, asked, met }) => `${ratio.toFixed(2)} × ${nameOf[of]} (${sign} ${asked}): ${met ? 'met' : 'MISSED'}`,
  )
  return `| ${[work.work, work.durability, cell('tidings'), cell('yardstick'), emmett, work.unit, marks.join('; ')].join(' | ')} |`
}

/** The head of the table for people. */
export const tableHead = [
  '| work | durability | Tidings | yardstick | Emmett | unit | ratio (mark) |',
  '| --- | --- | ---: | ---: | ---: | --- | --- |',
].join('\n')

const nameOf: Readonly<Record<Mark['of'], string>> = {
  yardstick: 'yardstick',
  emmett: 'Emmett',
  emmettTuned: 'Emmett tuned',
}

function rounded(figure: number | undefined): number | null {
  if (figure === undefined || !Number.isFinite(figure)) return null
  return figure < 100 ? Math.round(figure * 1_000) / 1_000 : Math.round(figure)
}

function shown(figure: number | undefined, unit: Work['unit']): string {
  if (figure === undefined) return '–'
  if (unit === 'ms') return figure.toFixed(3)
  // Two places are more than two runs have in common.
  return Number(figure.toPrecision(3)).toLocaleString('en')
}
