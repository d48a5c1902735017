// A system on the files of a folder, with time, ids and chance passed in. Invariant: the same calls write the same rows.

import { setImmediate as turn } from 'node:timers/promises'
import { isTidingsError, type Service } from 'tidings'
import { createManualClock, createManualTimeouts, createSeededRandom } from 'tidings/memory'
import type { Ids, LogLine } from 'tidings/ports'
import { createSystem, type EditedVersions, type System } from 'tidings/runtime'
import { sqliteDriver } from '../../src/index.ts'

/** What to run, where and when. */
export interface RunOptions {
  readonly directory: string
  readonly services: readonly Service[]
  /** The time of day at the start, in milliseconds since 1970. */
  readonly startMs: number
  readonly ids: Ids
  /** Only looks at what is there. Default: false. */
  readonly idle?: boolean
  /** Compares the versions with those that were stored. Default: does not. */
  readonly editedVersions?: EditedVersions
}

/** A running system. */
export interface RunningSystem {
  readonly system: System
  readonly log: readonly LogLine[]
  now(): number
  /** The outcome of some work; time moves on where the work waits for time. */
  drive<T>(work: Promise<T>): Promise<T>
  /** Moves time on; what is due on the way happens at its moment. */
  advance(ms: number): Promise<void>
  close(): Promise<void>
}

/** Starts services on the files of a folder. */
export async function runSystem({
  directory,
  services,
  startMs,
  ids,
  idle = false,
  ...checked
}: RunOptions): Promise<RunningSystem> {
  const clock = createManualClock(startMs)
  const timeouts = createManualTimeouts(clock, { rest: async () => void (await turn()) })
  const log: LogLine[] = []
  const environment = { clock, timeouts, ids, random: createSeededRandom(1), log: (line: LogLine) => log.push(line) }
  // The engine may be at work outside of this time (files, threads), with nothing scheduled any more.
  const drive = <T>(work: Promise<T>): Promise<T> =>
    timeouts
      .runUntil(work)
      .catch((error: unknown) => (isTidingsError(error, 'TIMED_OUT') ? work : Promise.reject(error)))
  const driver = sqliteDriver({ directory, durability: 'process-crash' })
  const system = await drive(createSystem({ services, driver, environment, idle, ...checked }))
  return {
    system,
    log,
    now: () => clock.now(),
    drive,
    advance: (ms) => timeouts.advance(ms),
    close: () => drive(system.close()),
  }
}
