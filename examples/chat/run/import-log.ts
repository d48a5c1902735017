// The import of a folder of logs: each line as commands of the services themselves, on a clock that follows the log, so that timers fire in
// log time. It keeps no state of its own but the clock: every command bears an idempotency key, so an import that was killed is run again.
import type { RunningSystem } from '@tidings/node'
import { isTidingsError } from 'tidings'
import type { ServiceRuntime } from 'tidings/runtime'
import { type ChatDay, identitiesOf, LineSteps, logRoom, type RejectedLine, type Step } from '../import/index.ts'
import { OpenRoom } from '../services/rooms/contract.ts'
import type { LogClock } from './log-clock.ts'

/** What an import needs. */
export interface ImportOptions {
  readonly days: readonly ChatDay[]
  /** Runs on the clock, ticked. */
  readonly running: RunningSystem
  readonly clock: LogClock
  /** Told of each line that was imported. */
  readonly onLine: (done: number) => void
  /** Ends it after the line under way. */
  readonly signal: AbortSignal
}

/** Imports days; gives the lines that were refused, or `undefined` where it was interrupted. */
export async function importLog(options: ImportOptions): Promise<readonly RejectedLine[] | undefined> {
  const { days, running, clock, onLine, signal } = options
  const time = new LogTime(running, clock)
  const steps = new LineSteps(identitiesOf(days))
  const refused: RejectedLine[] = []
  let done = 0
  // What an earlier run had begun comes to its end at the moment it had reached.
  await time.comeToRest()
  await send(running, openRoom(days), () => {})
  for (const { day, file, lines } of days) {
    for (const line of lines) {
      if (signal.aborted) return undefined
      await time.reach(line.at)
      for (const step of steps.of(day, line)) {
        const isNew = await send(running, step, (reason) => refused.push({ file, line: line.line, reason }))
        if (isNew) await time.comeToRest()
      }
      onLine(++done)
    }
  }
  await time.runOut(signal)
  return signal.aborted ? undefined : refused
}

function openRoom([first]: readonly ChatDay[]): Step {
  const occurredAt = new Date(first?.lines[0]?.at ?? 0)
  return { service: 'rooms', command: OpenRoom.name, input: logRoom, idempotencyKey: 'irc/open-room', occurredAt }
}

// Says whether it was new: what was carried out before has been heard by everybody.
async function send(running: RunningSystem, step: Step, refuse: (reason: string) => void): Promise<boolean> {
  const { service, command, input, idempotencyKey, occurredAt } = step
  try {
    const answer = await running.system.service(service).command(command, input, { idempotencyKey, occurredAt })
    if (!answer.accepted) refuse(answer.rejection.message)
    return !answer.replayed
  } catch (error) {
    // What the service does not take is the line's own fault; all else is the import's.
    if (!isTidingsError(error) || error.retry !== 'never' || error.code === 'CLOSED') throw error
    refuse(error.message)
    return false
  }
}

const patienceMs = 60_000
const lookMs = 250

/** The log's time, and everything that comes due as it goes on. */
class LogTime {
  readonly #running: RunningSystem
  readonly #clock: LogClock
  readonly #services: readonly ServiceRuntime[]

  constructor(running: RunningSystem, clock: LogClock) {
    this.#running = running
    this.#clock = clock
    this.#services = [...running.system.services.values()]
  }

  /** Goes on to a moment; what comes due on the way happens at its time, one after the other. */
  async reach(at: number): Promise<void> {
    if (at <= this.#clock.now()) return
    for (let next = await this.#nextDue(); next !== undefined && next <= at; next = await this.#nextDue()) {
      await this.#clock.moveTo(next)
      await this.comeToRest()
    }
    await this.#clock.moveTo(at)
  }

  /** Goes on until nothing is due any more. */
  async runOut(signal: AbortSignal): Promise<void> {
    for (let next = await this.#nextDue(); next !== undefined && !signal.aborted; next = await this.#nextDue()) {
      await this.#clock.moveTo(next)
      await this.comeToRest()
    }
  }

  /** Lets everything settle that happens at this moment. What is due is taken one by one, so that every import goes the same way. */
  async comeToRest(): Promise<void> {
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

  // While something is tried again after a pause, the log's clock stands still: such a pause is added to it.
  async #settled(): Promise<void> {
    const startedAt = performance.now()
    for (;;) {
      try {
        return await this.#running.settled({ timeoutMs: lookMs })
      } catch (error) {
        if (!isTidingsError(error, 'TIMED_OUT') || performance.now() - startedAt > patienceMs) throw error
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
