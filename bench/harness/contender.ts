// The bench's side of one contender: a process that prepares itself, then runs a round each time it is told to.

import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import type { ContenderName, Measured, Sizes, Work } from '../work.ts'
import { works } from '../works.ts'
import type { Answer, Order } from './contender-process.ts'
import { makeFolder, removeFolder } from './folders.ts'

/** How to start a contender. */
export interface ContenderOptions {
  readonly work: Work
  readonly name: ContenderName
  readonly sizes: Sizes
  /** Where to write a CPU profile of its process. */
  readonly profileFolder?: string | undefined
}

/** The file name of a contender's profile. */
export const profileName = (work: Work, name: ContenderName): string => `${works.indexOf(work)}-${name}.cpuprofile`

/** How long a contender may take to close, in milliseconds. */
const closeMsMax = 20_000

/** A contender's process. */
export class ContenderProcess {
  readonly #folder = makeFolder()
  readonly #child: ChildProcess
  readonly #ended: Promise<unknown>
  #processIds: readonly number[] = []

  /** Starts it. */
  constructor({ work, name, sizes, profileFolder }: ContenderOptions) {
    const file = new URL('contender-process.ts', import.meta.url)
    const profiling =
      profileFolder === undefined
        ? []
        : ['--cpu-prof', `--cpu-prof-dir=${profileFolder}`, `--cpu-prof-name=${profileName(work, name)}`]
    const args = [String(works.indexOf(work)), name, this.#folder, JSON.stringify(sizes)]
    this.#child = fork(file, args, { execArgv: profiling })
    this.#ended = once(this.#child, 'exit')
  }

  /** The processes that do the work; known once it is ready. */
  get processIds(): readonly number[] {
    return this.#processIds
  }

  /** Resolves when it is prepared. */
  async ready(): Promise<void> {
    const answer = await this.#answer()
    if ('ready' in answer) this.#processIds = answer.processIds
  }

  /** Runs a round. */
  async round(): Promise<readonly Measured[]> {
    this.#child.send('round' satisfies Order)
    const answer = await this.#answer()
    return 'figures' in answer ? answer.figures : []
  }

  /** Ends it and removes what it has stored. */
  async close(): Promise<void> {
    if (this.#child.connected) this.#child.send('end' satisfies Order)
    const late = setTimeout(() => this.#child.kill('SIGKILL'), closeMsMax)
    await this.#ended
    clearTimeout(late)
    removeFolder(this.#folder)
  }

  async #answer(): Promise<Answer> {
    const gone = this.#ended.then(() => [{ error: `The process exited with ${this.#child.exitCode}.` }])
    const [answer] = (await Promise.race([once(this.#child, 'message'), gone])) as [Answer]
    if ('error' in answer) throw new Error(answer.error)
    return answer
  }
}
