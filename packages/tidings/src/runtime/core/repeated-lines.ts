// Log lines that may come in a storm: the first few of one cause are written, the others are counted and written as one line.
// Invariant: memory is bounded whatever fails how often, and what was counted is written at the latest when the service closes.

import type { Clock, LogLevel } from '../../ports/index.ts'
import type { Log } from '../../services/index.ts'

/** How many lines of one cause are written in full within a window. */
const writtenMax = 3
/** How long the lines of one cause are counted together, in milliseconds. */
const windowMs = 60_000
/** How many causes are told apart; the lines of all others count as one cause. */
const causesMax = 100

/** A line that may be repeated. */
export interface RepeatedLine {
  readonly level: LogLevel
  readonly message: string
  readonly fields: Readonly<Record<string, unknown>>
  /** Lines of the same cause are summed up. */
  readonly cause: string
  /** The line that counts those that were not written, without the count. */
  readonly summary: { readonly message: string; readonly fields: Readonly<Record<string, unknown>> }
}

interface Cause {
  /** Whether it stands for all causes that have none of their own. */
  readonly mixed: boolean
  readonly since: number
  written: number
  /** The last line that was only counted. */
  last: RepeatedLine | undefined
  counted: number
}

/** Writes lines, and sums up those of one cause. */
export class RepeatedLines {
  readonly #clock: Clock
  readonly #log: Log
  readonly #causes = new Map<string, Cause>()
  /** When the first window ends, by the monotonic clock. */
  #nextEnd = Number.POSITIVE_INFINITY

  constructor(clock: Clock, log: Log) {
    this.#clock = clock
    this.#log = log
  }

  /** Writes a line, or only counts it. */
  write(line: RepeatedLine): void {
    this.writeDue()
    const cause = this.#causeOf(line)
    if (cause.written < writtenMax) {
      cause.written++
      this.#log[line.level](line.message, line.fields)
    } else {
      cause.last = line
      cause.counted++
    }
  }

  /** Writes the counts whose window has ended. Costs nothing if no line was written lately. */
  writeDue(): void {
    if (this.#causes.size === 0) return
    const now = this.#clock.monotonicMs()
    if (now < this.#nextEnd) return
    this.#nextEnd = Number.POSITIVE_INFINITY
    for (const [name, cause] of this.#causes) {
      if (now >= cause.since + windowMs) this.#end(name, cause)
      else this.#nextEnd = Math.min(this.#nextEnd, cause.since + windowMs)
    }
  }

  /** Writes all counts. */
  writeAll(): void {
    for (const [name, cause] of this.#causes) this.#end(name, cause)
  }

  #causeOf({ cause, level }: RepeatedLine): Cause {
    const name = this.#causes.has(cause) || this.#causes.size < causesMax ? cause : `other ${level}`
    const known = this.#causes.get(name)
    if (known !== undefined) return known
    const since = this.#clock.monotonicMs()
    const first: Cause = { mixed: name !== cause, since, written: 0, last: undefined, counted: 0 }
    this.#causes.set(name, first)
    this.#nextEnd = Math.min(this.#nextEnd, since + windowMs)
    return first
  }

  #end(name: string, { last, counted, mixed }: Cause): void {
    this.#causes.delete(name)
    if (last === undefined) return
    const { next } = last.summary.fields
    if (counted === 1) this.#log[last.level](last.message, last.fields)
    else if (mixed)
      this.#log[last.level]('More lines of many other causes were left out', {
        count: counted,
        ...(next === undefined ? {} : { next }),
      })
    else this.#log[last.level](last.summary.message, { count: counted, ...last.summary.fields })
  }
}
