// Runs one piece of work: all contenders, each in its own process, taking turns (A B C A B C), so that other load on the machine affects all
// of them equally. Tidings and the yardstick do each turn twice: on all cores, and pinned to one. The first turn is a warm-up.

import { type ContenderName, contenderNames, type Measured, type Sizes, type Work } from '../work.ts'
import { onOneCore, usableCores } from './affinity.ts'
import { ContenderProcess } from './contender.ts'
import { medianMeasured } from './timing.ts'

/** The medians of each contender, in the order of the work's rows. */
export type Figures = Readonly<Partial<Record<ContenderName, readonly Measured[]>>>

/** What a run found. A contender that failed has an error and no figures. */
export interface Outcome {
  /** On all cores. */
  readonly figures: Figures
  /** Pinned to one core; empty where that cannot be done. */
  readonly oneCore: Figures
  readonly errors: Readonly<Partial<Record<ContenderName, string>>>
}

/** Options of a run. */
export interface RunOptions {
  /** Counted turns of each contender; work that takes long has fewer. */
  readonly runs: number
  /** Only these contenders. */
  readonly contenders: readonly ContenderName[]
  readonly sizes: Sizes
  /** Whether to measure on one core, too. */
  readonly oneCore: boolean
  /** Where to write a CPU profile of each contender's process. */
  readonly profileFolder?: string | undefined
}

type Rounds = Map<ContenderName, (readonly Measured[])[]>

/** Runs a piece of work and returns the medians. */
export async function runWork(work: Work, options: RunOptions): Promise<Outcome> {
  const { contenders, sizes, profileFolder } = options
  const cores = options.oneCore && work.onOneCore !== false ? usableCores() : undefined
  const turns = Math.min(options.runs, work.turns ?? options.runs)
  const rounds: Rounds = new Map()
  const pinned: Rounds = new Map()
  const errors = new Map<ContenderName, string>()
  const running = new Map<ContenderName, ContenderProcess>()

  async function trying(name: ContenderName, step: () => Promise<void>): Promise<void> {
    if (errors.has(name)) return
    try {
      await step()
    } catch (error) {
      errors.set(name, error instanceof Error ? error.message : String(error))
    }
  }

  try {
    for (const name of contenderNames.filter((name) => contenders.includes(name) && work[name] !== undefined)) {
      await trying(name, async () => {
        const process = new ContenderProcess({ work, name, sizes, profileFolder })
        running.set(name, process)
        await process.ready()
      })
    }
    for (let turn = work.firstCounts === true ? 1 : 0; turn <= turns; turn++) {
      for (const [name, process] of running) {
        await trying(name, async () => {
          const round = await process.round()
          if (turn === 0) return
          keep(rounds, name, round)
          if (cores === undefined || name.startsWith('emmett')) return
          keep(pinned, name, await onOneCore(process.processIds, cores, () => process.round()))
        })
      }
    }
  } finally {
    for (const process of running.values()) await process.close()
  }
  return {
    figures: mediansOf(rounds, errors),
    oneCore: mediansOf(pinned, errors),
    errors: Object.fromEntries(errors),
  }
}

function keep(rounds: Rounds, name: ContenderName, round: readonly Measured[]): void {
  rounds.set(name, [...(rounds.get(name) ?? []), round])
}

function mediansOf(rounds: Rounds, errors: ReadonlyMap<ContenderName, string>): Figures {
  return Object.fromEntries(
    [...rounds].flatMap(([name, all]) => (errors.has(name) ? [] : [[name, medianMeasured(all)]])),
  )
}
