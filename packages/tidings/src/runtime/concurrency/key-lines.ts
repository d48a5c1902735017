// Commands of one key wait in line for each other: one at a time, first come, first served. A turn takes a key when its command needs it, and
// keeps it until the command has ended. Invariant: nothing waits for ever. A turn that would wait for itself, through others, does not wait:
// it runs, and the checks of the commit decide.

import { TidingsError } from '../../errors/index.ts'

interface Waiting {
  readonly turn: Turn
  readonly go: () => void
  readonly fail: (error: unknown) => void
}

/** One key: who has it, and who waits for it. */
export interface Line {
  readonly key: string
  holder: Turn
  /** Who waits, in order; `undefined` until somebody has to. */
  waiting: Waiting[] | undefined
}

/** The lines of one service. A key that nobody has takes no memory. */
export class KeyLines {
  /** The most that wait for one key; more are refused. */
  readonly waitingMax: number
  readonly byKey = new Map<string, Line>()

  constructor(waitingMax: number) {
    this.waitingMax = waitingMax
  }

  /** How many wait, for all keys together. */
  get waitingCount(): number {
    let count = 0
    for (const { waiting } of this.byKey.values()) count += waiting?.length ?? 0
    return count
  }
}

/** What one command has and waits for, together with the commands that it executes. It begins with no key. */
export class Turn {
  readonly #lines: KeyLines
  // Almost every command has one key, so the first needs no list.
  #line: Line | undefined
  #further: Line[] | undefined
  #waits: Map<Line, Promise<void>> | undefined
  #ended = false

  constructor(lines: KeyLines) {
    this.#lines = lines
  }

  /**
   * Takes a key; `undefined` if nothing has to be waited for: the key was free, this turn has it, or it would wait for itself.
   *
   * Throws `KEY_BUSY` if too many wait already; what it returns rejects if the turn ends first.
   */
  take(key: string): Promise<void> | undefined {
    if (this.#ended) return undefined
    const line = this.#lines.byKey.get(key)
    if (line === undefined) {
      this.#hold({ key, holder: this, waiting: undefined })
      return undefined
    }
    if (line.holder === this) return undefined
    const waits = this.#waits?.get(line)
    if (waits !== undefined) return waits
    if (this.#wouldWaitForItself(line)) return undefined
    line.waiting ??= []
    const { waiting } = line
    if (waiting.length >= this.#lines.waitingMax) {
      throw new TidingsError(
        'KEY_BUSY',
        `${this.#lines.waitingMax} commands wait for the same key already; that is the service's commandsInLineMax.`,
      )
    }
    const passed = new Promise<void>((go, fail) => {
      waiting.push({ turn: this, go, fail })
    })
    this.#waits ??= new Map()
    this.#waits.set(line, passed)
    return passed
  }

  /** Whether it waits in line. */
  get isWaiting(): boolean {
    return this.#waits !== undefined && this.#waits.size > 0
  }

  /** Gives its keys to the next in line. What still waits for it rejects with the error. */
  end(error?: unknown): void {
    this.#ended = true
    if (this.#waits !== undefined) for (const line of this.#waits.keys()) leave(line, this, error ?? endedFirst())
    const [line, further] = [this.#line, this.#further]
    this.#line = undefined
    this.#further = undefined
    if (line !== undefined) this.#pass(line)
    if (further !== undefined) for (const each of further) this.#pass(each)
  }

  #hold(line: Line): void {
    this.#lines.byKey.set(line.key, line)
    line.holder = this
    if (this.#line === undefined) this.#line = line
    else if (this.#further === undefined) this.#further = [line]
    else this.#further.push(line)
  }

  #pass(line: Line): void {
    const next = line.waiting?.shift()
    if (next === undefined) this.#lines.byKey.delete(line.key)
    else next.turn.#enter(line, next)
  }

  #enter(line: Line, { go }: Waiting): void {
    this.#waits?.delete(line)
    this.#hold(line)
    go()
  }

  // Looks at everybody whom this turn would wait for: who has the key or waits for it before, whom they wait for, and so on.
  #wouldWaitForItself(wanted: Line): boolean {
    if (this.#line === undefined && !this.isWaiting) return false
    const lines = new Set([wanted])
    for (const { holder, waiting } of lines) {
      for (const turn of [holder, ...(waiting ?? []).map((each) => each.turn)]) {
        if (turn === this) return true
        if (turn.#waits !== undefined) for (const line of turn.#waits.keys()) lines.add(line)
      }
    }
    return false
  }
}

function endedFirst(): TidingsError {
  return new TidingsError('UNIT_CLOSED', 'A command had ended before a command that it executes had its turn.')
}

function leave({ waiting = [] }: Line, turn: Turn, error: unknown): void {
  const index = waiting.findIndex((each) => each.turn === turn)
  const [left] = index < 0 ? [] : waiting.splice(index, 1)
  left?.fail(error)
}
