// A piece of work: several contenders do it, and each of its figures is a row of the table with its marks.
// Invariant: every contender does the same work with the same durability, and its figures have the units of the rows.

/** What a commit survives, as in the SQLite driver: `power-loss` is `synchronous=FULL`, `process-crash` is `NORMAL`. */
export type Durability = 'power-loss' | 'process-crash'

/** A contender. `yardstick` is the work by hand; `emmettTuned` is Emmett with settings that suit the work better than its defaults. */
export type ContenderName = 'tidings' | 'yardstick' | 'emmett' | 'emmettTuned'

/** All contenders, in the order of their turns. */
export const contenderNames: readonly ContenderName[] = ['tidings', 'yardstick', 'emmett', 'emmettTuned']

/** Sizes that an option of the command line changes. */
export interface Sizes {
  /** The events, or the timers, that are there before a start-up or a search. */
  readonly historyCount: number
  /** The lines of an import. */
  readonly importCount: number
  /** The CPU time of a round, in milliseconds: it goes on until it has used that, so that other load does not make it shorter. */
  readonly roundCpuMs: number
}

/** The sizes without an option. */
export const usualSizes: Sizes = { historyCount: 1_000_000, importCount: 50_000, roundCpuMs: 0 }

/** The folder and durability of a contender. */
export interface Place {
  /** The contender's own folder on the real disk, empty at first. */
  readonly folder: string
  readonly durability: Durability
}

/** One figure of a round. */
export interface Measured {
  /** In the row's unit. */
  readonly figure: number
  /** CPU time (user and system, all threads) for one piece of the row's work, in microseconds; absent if it says nothing. */
  readonly cpuMicros?: number
}

/** A prepared contender: its stores are open and contain the data that the work needs. */
export interface Running {
  /** Does the work once, for a second or several; returns the figure of the row, or one for each row. */
  round(): Promise<Measured | readonly Measured[]>
  /** Processes that the contender has started and that do its work; those that only use it do not count. */
  readonly processIds?: readonly number[]
  close(): Promise<void> | void
}

/** Prepares a contender. */
export type Contender = (place: Place, sizes: Sizes) => Promise<Running>

/** The marks of a row: Tidings' figure as a multiple of another contender's. */
export type Marks = { readonly [Name in Exclude<ContenderName, 'tidings'>]?: number }

/** The units of figures. */
export type Unit =
  | `${'events' | 'commands' | 'timers' | 'inputs' | 'lines'}/s`
  | 'ms'
  | 'CPU ms/line'
  | 'MB written'
  | 'MiB'
  | 'files'
  | '% of a core'
  | '× of 10'

/** A row of the table, for one figure. */
export interface Row {
  /** A name of at most 44 characters, so that the table fits a terminal; `about` says more. */
  readonly work: string
  readonly durability: Durability
  readonly unit: Unit
  /** What the CPU time is for, such as `event`. Default: a piece of the unit. */
  readonly per?: string
  readonly marks: Marks
  /** An absolute limit for Tidings' figure, in the row's unit: at least or at most, as `betterIs` says of the unit. */
  readonly bound?: number
}

/** Whether a higher or a lower figure is better. */
export const betterIs = (unit: Unit): 'higher' | 'lower' =>
  unit.endsWith('/s') || unit === '× of 10' ? 'higher' : 'lower'

/** The lowest ratio of CPU time that belongs to a mark for the rate: at most 0.1 below it. Times have no such mark. */
export function cpuMark({ unit, marks }: Row): number | undefined {
  if (marks.yardstick === undefined || betterIs(unit) === 'lower') return undefined
  return Math.round((marks.yardstick - 0.1) * 100) / 100
}

/** The contenders of a piece of work. Without a yardstick, the rows have only absolute limits. */
export interface Contenders extends Readonly<Partial<Record<ContenderName, Contender>>> {
  readonly tidings: Contender
  /** What all its rows have in common, in one sentence; the document shows it. */
  readonly about: string
  /** Whether a contender needs what is installed into `peers/`. Emmett always does. Default: false. */
  readonly usesPeers?: boolean
  /** Whether it is also measured on one core. Default: true. */
  readonly onOneCore?: boolean
  /** Counted turns, if one takes so long that the usual number would take minutes. */
  readonly turns?: number
  /** Whether the first turn counts, because every round begins with nothing. Default: false. */
  readonly firstCounts?: boolean
}

/** Work whose rounds have one figure. */
export interface OneFigure extends Row, Contenders {}

/** Work whose rounds have several figures, because preparing it is expensive or because they belong together. */
export interface SeveralFigures extends Contenders {
  readonly durability: Durability
  /** In the order of the figures. */
  readonly rows: readonly Row[]
}

/** A piece of work. */
export type Work = OneFigure | SeveralFigures

/** The rows of a piece of work. */
export function rowsOf(work: Work): readonly Row[] {
  return 'rows' in work ? work.rows : [work]
}
