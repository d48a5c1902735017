// Timers while a million others are pending: how many can be set in a second, how many fire, how late they are beside other work, and how long
// a start-up takes. A contender sets the million once, when it prepares, far in the future and in random order; all figures are of one round.

import { atPace } from '../harness/at-pace.ts'
import { asRate, beginRound, cpuMicros, rateOf, spent } from '../harness/cpu.ts'
import { percentile, wallClock } from '../harness/timing.ts'
import { makeReminder, type Reminder } from '../reminders.ts'
import { openReminders } from '../tidings/reminders.ts'
import type { Contender, Durability, Measured, Place, Row, SeveralFigures } from '../work.ts'
import { openReminders as openByHand } from '../yardstick/reminders.ts'

const preparedAtOnce = 500
const callerCount = 100
const batchCount = 100
const batchCallerCount = 4
const firedCount = 10_000

/** How far ahead timers that fire together are set, in milliseconds. */
const leadMs = 2_000

const timersPerSecond = 200
const commandsPerSecond = 500
const paceSeconds = 4

const dayMs = 86_400_000

interface Reminders {
  set(list: readonly Reminder[]): Promise<unknown>
  note(noteId: string): Promise<unknown>
  settled?(): Promise<void>
  close(): Promise<void> | void
}

type Open = (place: Place, due: (dueAt: number) => void) => Promise<Reminders> | Reminders

/** What happens when a timer is due; each measurement sets its own. */
interface Due {
  handle: (dueAt: number) => void
}

/** A moment between a month and a year from now; consecutive numbers are far apart in time. */
const farOff = (number: number): number => Date.now() + 30 * dayMs + ((number * 7_919_317) % 335) * dayMs + number

class Rounds {
  readonly #open: () => Promise<Reminders> | Reminders
  readonly #due: Due
  #reminders: Reminders
  #number = 0

  constructor(open: () => Promise<Reminders> | Reminders, reminders: Reminders, due: Due) {
    this.#open = open
    this.#reminders = reminders
    this.#due = due
  }

  close(): Promise<void> | void {
    return this.#reminders.close()
  }

  /** Sets the timers that stay pending; returns how long that took, in milliseconds. */
  async prepare(pendingCount: number): Promise<number> {
    const begin = performance.now()
    await this.#callers(batchCallerCount, preparedAtOnce, () => this.#number < pendingCount)
    return performance.now() - begin
  }

  /** Timers set in a second, by commands that set `each` of them. */
  setPerSecond(callers: number, each: number): Promise<Measured> {
    return rateOf(async () => {
      const over = beginRound()
      const before = this.#number
      await this.#callers(callers, each, () => !over())
      return this.#number - before
    })
  }

  /** Timers fired in a second, if many are due at one moment: from then until the last one is handled. */
  async firedPerSecond(): Promise<Measured> {
    const now = wallClock()
    const dueAt = Math.ceil(now()) + leadMs
    let fired = 0
    const all = Promise.withResolvers<void>()
    this.#due.handle = () => {
      fired += 1
      if (fired === firedCount) all.resolve()
    }
    for (let set = 0; set < firedCount; set += batchCount)
      await this.#reminders.set(this.#next(batchCount, () => dueAt))
    if (now() > dueAt) throw new Error(`Setting ${firedCount} timers took more than ${leadMs} ms.`)
    const before = cpuMicros()
    await all.promise
    await this.#reminders.settled?.()
    const wallMs = now() - dueAt
    if (fired !== firedCount) throw new Error(`${fired} of ${firedCount} timers fired.`)
    return asRate({ count: firedCount, wallMs, cpuMicros: cpuMicros() - before })
  }

  /** Starts again with all that are pending: the time until the first command is answered. */
  async startUp(): Promise<Measured> {
    await this.#reminders.close()
    const { wallMs, cpuMicros } = await spent(async () => {
      this.#reminders = await this.#open()
      await this.#reminders.note(`first-${this.#number}`)
      return 1
    })
    return { figure: wallMs, cpuMicros }
  }

  /** The median and the 99th percentile of the lateness, in milliseconds, with timers and commands at steady rates. */
  async lateness(): Promise<readonly Measured[]> {
    const now = wallClock()
    const late: number[] = []
    const count = timersPerSecond * paceSeconds
    const all = Promise.withResolvers<void>()
    this.#due.handle = (dueAt) => {
      late.push(now() - dueAt)
      if (late.length === count) all.resolve()
    }
    const begin = Math.ceil(now()) + 500
    await this.#reminders.set(this.#next(count, (index) => begin + index * (1_000 / timersPerSecond)))
    const round = this.#number
    const commands = commandsPerSecond * (paceSeconds + 1)
    const { cpuMicros } = await spent(async () => {
      await atPace(commands, 1_000 / commandsPerSecond, (index) => this.#reminders.note(`note-${round}-${index}`))
      await all.promise
      return count
    })
    const each = cpuMicros / (count + commands)
    return [{ figure: percentile(late, 50), cpuMicros: each }, { figure: percentile(late, 99) }]
  }

  async #callers(callers: number, each: number, continues: () => boolean): Promise<void> {
    const call = async () => {
      while (continues()) await this.#reminders.set(this.#next(each, (_, number) => farOff(number)))
    }
    await Promise.all(Array.from({ length: callers }, call))
  }

  #next(count: number, dueAt: (index: number, number: number) => number): Reminder[] {
    const first = this.#number
    this.#number += count
    return Array.from({ length: count }, (_, index) => makeReminder(first + index, dueAt(index, first + index)))
  }
}

const contender =
  (who: string, open: Open): Contender =>
  async (place, { historyCount: pendingCount }) => {
    const due: Due = { handle: () => {} }
    const openAgain = () => open(place, (dueAt) => due.handle(dueAt))
    const rounds = new Rounds(openAgain, await openAgain(), due)
    const preparedMs = await rounds.prepare(pendingCount)
    const perSecond = Math.round((pendingCount / preparedMs) * 1_000).toLocaleString('en')
    console.error(
      `${who}: ${pendingCount.toLocaleString('en')} timers set in ${(preparedMs / 1_000).toFixed(1)} s (${perSecond} a second, ${place.durability})`,
    )
    return {
      round: async () => {
        const one = await rounds.setPerSecond(callerCount, 1)
        const many = await rounds.setPerSecond(batchCallerCount, batchCount)
        const fired = await rounds.firedPerSecond()
        const late = await rounds.lateness()
        return [one, many, fired, ...late, await rounds.startUp()]
      },
      close: () => rounds.close(),
    }
  }

/** The rows for a durability. */
export function timers(durability: Durability): SeveralFigures {
  const row = (work: string, rest: Omit<Row, 'work' | 'durability'>): Row => ({
    work: `timers: ${work}`,
    durability,
    ...rest,
  })
  return {
    about: `Timers while a million others are pending. Lateness: ${timersPerSecond} a second beside ${commandsPerSecond} commands a second.`,
    durability,
    turns: 3,
    rows: [
      row(`set, one a command, ${callerCount} callers`, { unit: 'timers/s', marks: { yardstick: 0.75 } }),
      row(`set, ${batchCount} a command`, { unit: 'timers/s', marks: { yardstick: 0.8 } }),
      row('fired, each writes a row', { unit: 'timers/s', marks: { yardstick: 0.5 } }),
      row('lateness, median', { unit: 'ms', per: 'timer or command', marks: { yardstick: 1.2 } }),
      row('lateness, 99th percentile', { unit: 'ms', per: 'timer or command', marks: {}, bound: 50 }),
      row('start-up, first command answered', { unit: 'ms', per: 'start', marks: {} }),
    ],
    tidings: contender('Tidings', openReminders),
    yardstick: contender('By hand', openByHand),
  }
}
