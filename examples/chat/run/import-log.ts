// Imports a folder of logs: each line becomes commands to the services, on a clock that follows the log, so timers fire in log time. Commands of
// the same kind at the same moment are sent together, because they share commits and everything that follows. Its only state is the clock: every
// command has an idempotency key, so you can run an interrupted import again.
import type { RunningSystem } from '@tidings/node'
import { isTidingsError } from 'tidings'
import type { ServiceRuntime } from 'tidings/runtime'
import { type ChatDay, LineSteps, type LogLine, logRoom, type RejectedLine, type Step } from '../import/index.ts'
import { OpenRoom } from '../services/rooms/contract.ts'
import type { LogClock } from './log-clock.ts'

/** Options of an import. */
export interface ImportOptions {
  readonly days: readonly ChatDay[]
  /** The system; it runs on the log's clock and enqueues due items only in `tick`. */
  readonly running: RunningSystem
  readonly clock: LogClock
  /** Called after each line, with the number of imported lines. */
  readonly onLine: (done: number) => void
  /** Ends the import after the current line. */
  readonly signal: AbortSignal
}

/** Imports days; returns the lines that were refused, or `undefined` if it was interrupted. */
export async function importLog(options: ImportOptions): Promise<readonly RejectedLine[] | undefined> {
  const { days, running, clock, onLine, signal } = options
  const time = new LogTime(running, clock)
  const steps = new LineSteps()
  const refused: RejectedLine[] = []
  let done = 0
  // Finish what an earlier run began, at the time it had reached.
  await time.settle()
  await send(running, openRoom(days), () => {})
  for (const { day, file, lines } of days) {
    for (const together of sentTogether(lines, (line) => steps.of(day, line))) {
      if (signal.aborted) return undefined
      await time.advanceTo(together.at)
      // They take the same way through the service, so they are committed in the order of their lines.
      const areNew = await Promise.all(
        together.steps.map(({ step, line }) => send(running, step, (reason) => refused.push({ file, line, reason }))),
      )
      if (areNew.includes(true)) await time.settle()
      done += together.lineCount
      onLine(done)
    }
  }
  await time.finish(signal)
  return signal.aborted ? undefined : refused
}

function openRoom([first]: readonly ChatDay[]): Step {
  const occurredAt = new Date(first?.lines[0]?.at ?? 0)
  return { service: 'rooms', command: OpenRoom.name, input: logRoom, idempotencyKey: 'irc/open-room', occurredAt }
}

/** The most commands that are sent together. */
const togetherMax = 100

interface StepOfLine {
  readonly step: Step
  readonly line: number
  /** Whether it is the last one of its line. */
  readonly isLast: boolean
}

interface Together {
  readonly at: number
  readonly steps: readonly StepOfLine[]
  /** The lines whose last step is among them. */
  readonly lineCount: number
}

// Whoever hears of them handles them in the order in which they were committed, as if they had come one after the other. Members who come in the same
// moment are registered before anything else in it: otherwise each would divide what is said at that moment.
function* sentTogether(lines: readonly LogLine[], stepsOf: (line: LogLine) => readonly Step[]): Generator<Together> {
  for (let from = 0; from < lines.length; ) {
    const at = lines[from]?.at ?? 0
    let to = from
    const steps: StepOfLine[] = []
    for (; lines[to]?.at === at; to++) {
      const { line } = lines[to] as LogLine
      const ofLine = stepsOf(lines[to] as LogLine)
      for (const [index, step] of ofLine.entries()) steps.push({ step, line, isLast: index === ofLine.length - 1 })
    }
    const first = steps.filter(({ step }) => step.isFirstOfMember === true)
    const others = steps.filter(({ step }) => step.isFirstOfMember !== true)
    yield* runsOf(at, [...first, ...others])
    from = to
  }
}

function* runsOf(at: number, steps: readonly StepOfLine[]): Generator<Together> {
  for (let from = 0; from < steps.length; ) {
    const command = steps[from]?.step.command
    let to = from
    while (to < steps.length && to - from < togetherMax && steps[to]?.step.command === command) to++
    const together = steps.slice(from, to)
    yield { at, steps: together, lineCount: together.filter(({ isLast }) => isLast).length }
    from = to
  }
}

// Returns whether the command was new. If not, its events have been handled before.
async function send(running: RunningSystem, step: Step, refuse: (reason: string) => void): Promise<boolean> {
  const { service, command, input, idempotencyKey, occurredAt } = step
  try {
    const answer = await running.system.service(service).command(command, input, { idempotencyKey, occurredAt })
    if (!answer.accepted) refuse(answer.rejection.message)
    return !answer.replayed
  } catch (error) {
    // The service refuses the line's input; any other error ends the import.
    if (!isTidingsError(error) || error.retry !== 'never' || error.code === 'CLOSED') throw error
    refuse(error.message)
    return false
  }
}

const settleMsMax = 60_000
const pollMs = 250

/** The log's time, and everything that becomes due as it advances. */
class LogTime {
  readonly #running: RunningSystem
  readonly #clock: LogClock
  readonly #services: readonly ServiceRuntime[]

  constructor(running: RunningSystem, clock: LogClock) {
    this.#running = running
    this.#clock = clock
    this.#services = [...running.system.services.values()]
  }

  /** Advances to a moment; everything that is due before it happens at its own time, one after the other. */
  async advanceTo(at: number): Promise<void> {
    if (at <= this.#clock.now()) return
    for (let next = await this.#nextDue(); next !== undefined && next <= at; next = await this.#nextDue()) {
      await this.#clock.moveTo(next)
      await this.settle()
    }
    await this.#clock.moveTo(at)
  }

  /** Advances until nothing is due any more. */
  async finish(signal: AbortSignal): Promise<void> {
    for (let next = await this.#nextDue(); next !== undefined && !signal.aborted; next = await this.#nextDue()) {
      await this.#clock.moveTo(next)
      await this.settle()
    }
  }

  /** Waits until everything at this moment has settled. Due items are taken one at a time, so that every import runs the same way. */
  async settle(): Promise<void> {
    for (;;) {
      await this.#settled()
      let moved = 0
      for (const service of this.#services) {
        moved = await service.tick(1)
        if (moved > 0) break
      }
      if (moved === 0) return
    }
  }

  // The log's clock does not run, so a pending retry would never be due: the clock is moved to its time.
  async #settled(): Promise<void> {
    const startedAt = performance.now()
    for (;;) {
      try {
        return await this.#running.settled({ timeoutMs: pollMs })
      } catch (error) {
        if (!isTidingsError(error, 'TIMED_OUT') || performance.now() - startedAt > settleMsMax) throw error
        const retryAt = this.#nextRetry()
        if (retryAt !== undefined) await this.#clock.moveTo(retryAt)
        for (const service of this.#services) for (const subscription of service.subscriptions) subscription.wake()
      }
    }
  }

  #nextRetry(): number | undefined {
    const due = this.#services.flatMap((service) =>
      service.subscriptions.flatMap(({ subscription }) => [...subscription.deferred.heads()]),
    )
    const times = due.filter(({ state }) => state !== 'parked').map(({ dueAt }) => dueAt)
    return times.length === 0 ? undefined : Math.min(...times)
  }

  async #nextDue(): Promise<number | undefined> {
    const due = await Promise.all(this.#services.map((service) => service.nextDueAt()))
    const known = due.filter((at) => at !== undefined)
    return known.length === 0 ? undefined : Math.min(...known)
  }
}
