// What a row of the table is: one piece of work, done by several contenders, with the marks it has to reach.
// Invariant: every contender of a row does the same work with the same durability, and its figure has the row's unit.

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
  /** Does the work once, for a second or two, and gives the figure in the row's unit. */
  round(): Promise<number>
  close(): Promise<void> | void
}

/** Makes a contender ready. */
export type Contender = (place: Place) => Promise<Running>

/** The marks of a row: what Tidings has to reach, as a multiple of another contender's figure. */
export type Marks = { readonly [Name in Exclude<ContenderName, 'tidings'>]?: number }

/** A row of the table. */
export interface Work extends Readonly<Partial<Record<ContenderName, Contender>>> {
  readonly work: string
  readonly durability: Durability
  readonly unit: 'events/s' | 'commands/s' | 'ms'
  /** For `ms`, marks are "at most"; for all else "at least". */
  readonly marks: Marks
  readonly yardstick: Contender
}
