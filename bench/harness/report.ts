// The figures of a run as rows with ratios and marks: what `--json` prints, and what the tables for people are made of.

import {
  betterIs,
  type ContenderName,
  cpuMark,
  type Measured,
  type Row,
  rowsOf,
  type Unit,
  type Work,
} from '../work.ts'
import type { Figures, Outcome } from './run-work.ts'

/** A figure of Tidings beside that of the yardstick. `null` if one does not take part or failed. */
export interface Beside {
  readonly tidings: number | null
  readonly yardstick: number | null
  /** Tidings' figure as a multiple of the yardstick's. */
  readonly ratio: number | null
}

/** One mark: the figure that was reached and the one that was asked for. */
export interface Mark {
  /**
   * The contender whose figure Tidings' is compared with; `cpu`: the ratio of CPU time; `bound`: no contender, the figure has an absolute
   * limit.
   */
  readonly of: Exclude<ContenderName, 'tidings'> | 'cpu' | 'bound'
  readonly reached: number
  readonly asked: number
  /** Whether at least or at most what is asked has to be reached. */
  readonly at: 'least' | 'most'
  readonly met: boolean
}

/** A row of a report. */
export interface ReportRow {
  readonly work: string
  readonly durability: string
  readonly unit: Unit
  /** Which figures of the unit are better. */
  readonly better: 'higher' | 'lower'
  /** On all cores. */
  readonly wall: Beside
  /** With all threads of the contender pinned to one core. */
  readonly oneCore: Beside
  /** CPU time of one piece of the work on all cores, in microseconds. The ratio is the yardstick's time as a multiple of Tidings': higher is better. */
  readonly cpu: Beside & { readonly per: string }
  readonly emmett: number | null
  readonly emmettTuned: number | null
  readonly marks: readonly Mark[]
  /** What failed, by contender. */
  readonly failed: readonly string[]
}

/** The rows of a piece of work: one for each figure. */
export function reportRows(work: Work, outcome: Outcome): readonly ReportRow[] {
  return rowsOf(work).map((row, index) => {
    const figures = figuresOf(outcome.figures, index)
    const oneCore = figuresOf(outcome.oneCore, index)
    const cpu = beside(figures.tidings?.cpuMicros, figures.yardstick?.cpuMicros)
    const ratio = cpu.ratio === null ? null : rounded(1 / cpu.ratio)
    return {
      work: row.work,
      durability: row.durability,
      unit: row.unit,
      better: betterIs(row.unit),
      wall: beside(figures.tidings?.figure, figures.yardstick?.figure),
      oneCore: beside(oneCore.tidings?.figure, oneCore.yardstick?.figure),
      cpu: { ...cpu, ratio, per: perOf(row) },
      emmett: rounded(figures.emmett?.figure),
      emmettTuned: rounded(figures.emmettTuned?.figure),
      marks: judge(row, figures),
      failed: Object.keys(outcome.errors),
    }
  })
}

/** The figures of the contenders in one row. */
export type RowFigures = Readonly<Partial<Record<ContenderName, Measured>>>

function figuresOf(figures: Figures, index: number): RowFigures {
  return Object.fromEntries(Object.entries(figures).map(([name, all]) => [name, all[index]]))
}

/** What the CPU time of a row is for: `event` for a row of `events/s`. */
const perOf = ({ per, unit }: Row): string => per ?? unit.replace(/s\/s$/, '')

/** The marks of a row for which there are figures. */
export function judge(row: Row, figures: RowFigures): readonly Mark[] {
  const { tidings, yardstick } = figures
  if (tidings === undefined) return []
  const { marks, bound, unit } = row
  const at = betterIs(unit) === 'lower' ? 'most' : 'least'
  const judged: Mark[] = []
  const add = (of: Mark['of'], reached: number, asked: number) =>
    judged.push({
      of,
      reached: rounded(reached) ?? 0,
      asked,
      at,
      met: at === 'most' ? reached <= asked : reached >= asked,
    })
  for (const [of, asked] of Object.entries(marks) as [Exclude<ContenderName, 'tidings'>, number][]) {
    const other = figures[of]
    if (other !== undefined) add(of, tidings.figure / other.figure, asked)
  }
  const asked = cpuMark(row)
  if (asked !== undefined && tidings.cpuMicros !== undefined && yardstick?.cpuMicros !== undefined)
    add('cpu', yardstick.cpuMicros / tidings.cpuMicros, asked)
  if (bound !== undefined) add('bound', tidings.figure, bound)
  return judged
}

function beside(tidings: number | undefined, yardstick: number | undefined): Beside {
  const ratio = tidings === undefined || yardstick === undefined ? undefined : tidings / yardstick
  return { tidings: rounded(tidings), yardstick: rounded(yardstick), ratio: rounded(ratio) }
}

function rounded(figure: number | undefined): number | null {
  if (figure === undefined || !Number.isFinite(figure)) return null
  return figure < 100 ? Math.round(figure * 1_000) / 1_000 : Math.round(figure)
}
