// A piece of work: several contenders do it, and each of its figures is a row of the table with its marks.
// Invariant: every contender does the same work with the same durability, and its figures have the units of the rows.

/** What a commit survives, as in the SQLite driver: `power-loss` is `synchronous=FULL`, `process-crash` is `NORMAL`. */
export type Durability = 'power-loss' | 'process-crash'

/** A contender. `emmettTuned` is Emmett with settings that suit the work better than its defaults. */
export type ContenderName = 'tidings' | 'yardstick' | 'emmett' | 'emmettTuned'

/** All contenders, in the order of their turns. */
export const contenderNames: readonly ContenderName[] = ['tidings', 'yardstick', 'emmett', 'emmettTuned']

/** The folder and durability of a contender. */
export interface Place {
  /** The contender's own folder on the real disk, empty at first. */
  readonly folder: string
  readonly durability: Durability
}

/** A prepared contender: its stores are open and contain the data that the work needs. */
export interface Running {
  /** Does the work once, for a second or several; returns the figure in the row's unit, or one figure for each row. */
  round(): Promise<number | readonly number[]>
  close(): Promise<void> | void
}

/** Prepares a contender. */
export type Contender = (place: Place) => Promise<Running>

/** The marks of a row: Tidings' figure as a multiple of another contender's. */
export type Marks = { readonly [Name in Exclude<ContenderName, 'tidings'>]?: number }

/** A row of the table, for one figure. */
export interface Row {
  readonly work: string
  readonly durability: Durability
  readonly unit: 'events/s' | 'commands/s' | 'timers/s' | 'inputs/s' | 'ms'
  /** "At most" for `ms`, "at least" for all other units. */
  readonly marks: Marks
  /** An absolute limit for Tidings' figure, in the row's unit: "at most" for `ms`, "at least" for all other units. */
  readonly bound?: number
}

/** The contenders of a piece of work. */
export interface Contenders extends Readonly<Partial<Record<ContenderName, Contender>>> {
  readonly yardstick: Contender
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
