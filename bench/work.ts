// What a piece of work is: done by several contenders, measured in one figure or several, each a row of the table with its marks.
// Invariant: every contender does the same work with the same durability, and its figures have the rows' units.

/** What outlives what, as the SQLite driver words it: `power-loss` is `synchronous=FULL`, `process-crash` is `NORMAL`. */
export type Durability = 'power-loss' | 'process-crash'

/** Who does the work. `emmettTuned` is Emmett with settings that suit the work, where its defaults do not. */
export type ContenderName = 'tidings' | 'yardstick' | 'emmett' | 'emmettTuned'

/** All contenders, in the order they take turns. */
export const contenderNames: readonly ContenderName[] = ['tidings', 'yardstick', 'emmett', 'emmettTuned']

/** Where a contender works. */
export interface Place {
  /** An empty folder on the real disk, its own. */
  readonly folder: string
  readonly durability: Durability
}

/** A contender that is ready: its stores are open and hold what the work needs. */
export interface Running {
  /** Does the work once, for a second or several, and gives the figure in the row's unit, or one figure for each row. */
  round(): Promise<number | readonly number[]>
  close(): Promise<void> | void
}

/** Makes a contender ready. */
export type Contender = (place: Place) => Promise<Running>

/** The marks of a row: what Tidings has to reach, as a multiple of another contender's figure. */
export type Marks = { readonly [Name in Exclude<ContenderName, 'tidings'>]?: number }

/** A row of the table: what is said of one figure. */
export interface Row {
  readonly work: string
  readonly durability: Durability
  readonly unit: 'events/s' | 'commands/s' | 'timers/s' | 'inputs/s' | 'ms'
  /** For `ms`, marks are "at most"; for all else "at least". */
  readonly marks: Marks
  /** A mark for Tidings' figure itself, in the row's unit: "at most" for `ms`, "at least" for all else. */
  readonly bound?: number
}

/** Who takes part. */
export interface Contenders extends Readonly<Partial<Record<ContenderName, Contender>>> {
  readonly yardstick: Contender
}

/** Work whose rounds give one figure. */
export interface OneFigure extends Row, Contenders {}

/** Work whose rounds give several figures: making ready for it is dear, or they are figures of the same thing. */
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
