// Runs one piece of work: all contenders, each in its own process, taking turns (A B C A B C), so that other load on the machine affects all
// of them equally. The first turn of each is a warm-up and does not count.

import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { type ContenderName, contenderNames, type Work } from '../work.ts'
import { works } from '../works.ts'
import type { Answer, Order } from './contender-process.ts'
import { makeFolder, removeFolder } from './folders.ts'
import { medians } from './timing.ts'

/** The contenders' figures, in the order of the work's rows. A contender that failed has an error instead. */
export interface Outcome {
  readonly figures: Readonly<Partial<Record<ContenderName, readonly number[]>>>
  readonly errors: Readonly<Partial<Record<ContenderName, string>>>
}

/** Options of a run. */
export interface RunOptions {
  /** Counted turns of each contender. */
  readonly runs: number
  /** Only these contenders. */
  readonly contenders: readonly ContenderName[]
  /** Where to write a CPU profile of each contender's process. */
  readonly profileFolder?: string | undefined
}

/** The file name of a contender's profile. */
export const profileName = (work: Work, name: ContenderName): string => `${works.indexOf(work)}-${name}.cpuprofile`

/** Runs a piece of work and returns the medians. */
export async function runWork(work: Work, { runs, contenders, profileFolder }: RunOptions): Promise<Outcome> {
  const figures = new Map<ContenderName, (readonly number[])[]>()
  const errors = new Map<ContenderName, string>()
  const names = contenderNames.filter((name) => contenders.includes(name) && work[name] !== undefined)
  const running = new Map<ContenderName, ContenderProcess>()
  try {
    for (const name of names) {
      figures.set(name, [])
      await trying(name, async () => {
        const process = new ContenderProcess(work, name, profileFolder)
        running.set(name, process)
        await process.answer()
      })
    }
    for (let turn = 0; turn <= runs; turn++) {
      for (const [name, process] of running) {
        await trying(name, async () => {
          const round = await process.round()
          if (turn > 0) figures.get(name)?.push(round)
        })
      }
    }
  } finally {
    for (const process of running.values()) await process.close()
  }
  const found = [...figures].flatMap(([name, all]) =>
    errors.has(name) || all.length === 0 ? [] : [[name, medians(all)]],
  )
  return { figures: Object.fromEntries(found), errors: Object.fromEntries(errors) }

  async function trying(name: ContenderName, step: () => Promise<void>): Promise<void> {
    if (errors.has(name)) return
    try {
      await step()
    } catch (error) {
      errors.set(name, error instanceof Error ? error.message : String(error))
    }
  }
}

class ContenderProcess {
  readonly #folder = makeFolder()
  readonly #child: ChildProcess
  readonly #ended: Promise<unknown>

  constructor(work: Work, name: ContenderName, profileFolder: string | undefined) {
    const file = new URL('contender-process.ts', import.meta.url)
    const profiling =
      profileFolder === undefined
        ? []
        : ['--cpu-prof', `--cpu-prof-dir=${profileFolder}`, `--cpu-prof-name=${profileName(work, name)}`]
    this.#child = fork(file, [String(works.indexOf(work)), name, this.#folder], { execArgv: profiling })
    this.#ended = once(this.#child, 'exit')
  }

  /** The next message of the process. */
  async answer(): Promise<Answer> {
    const gone = this.#ended.then(() => [{ error: `The process exited with ${this.#child.exitCode}.` }])
    const [answer] = (await Promise.race([once(this.#child, 'message'), gone])) as [Answer]
    if ('error' in answer) throw new Error(answer.error)
    return answer
  }

  async round(): Promise<readonly number[]> {
    this.#child.send('round' satisfies Order)
    const answer = await this.answer()
    return 'figures' in answer ? answer.figures : []
  }

  async close(): Promise<void> {
    if (this.#child.connected) this.#child.send('end' satisfies Order)
    const late = setTimeout(() => this.#child.kill('SIGKILL'), 20_000)
    await this.#ended
    clearTimeout(late)
    removeFolder(this.#folder)
  }
}
