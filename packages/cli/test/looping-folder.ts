// A folder of its own with the looping service, so that its functions are those of a user, and what the tests of the watchdog ask of it.

import { cpSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, onTestFinished } from 'vitest'
import { killAll, postJson, type RunningBin, runBin, startBin } from './run-bin.ts'

const folder = mkdtempSync(path.join(tmpdir(), 'tidings-watchdog-'))
cpSync(path.join(import.meta.dirname, 'looping'), folder, { recursive: true })
symlinkSync(path.join(import.meta.dirname, '../../../node_modules'), path.join(folder, 'node_modules'), 'junction')

afterAll(() => {
  killAll()
  rmSync(folder, { recursive: true, force: true })
})

/** The folder with the configuration. */
export const loopingFolder = folder

/** The looping service, which is started and stopped by a test. */
export class Looping {
  readonly data: string
  readonly #env: Readonly<Record<string, string>>

  constructor(env: Readonly<Record<string, string>> = {}, data = mkdtempSync(path.join(folder, 'data-'))) {
    this.#env = env
    this.data = data
  }

  /** Starts it with `tidings start`. */
  async start(): Promise<RunningBin & { readonly http: string }> {
    const running = this.begin()
    const { http } = await running.nextJson()
    return { ...running, http: String(http) }
  }

  /** Starts it, and does not wait until it has started. */
  begin(): RunningBin {
    const args = ['start', 'loops', '--json', '--data', this.data]
    const running = startBin(args, { cwd: folder, env: this.#env })
    onTestFinished(() => running.signal('SIGKILL'))
    return running
  }

  /** `tidings status`. */
  async status(): Promise<string> {
    return (await runBin(['status', '--data', this.data], { cwd: folder, env: this.#env })).stdout.replaceAll(
      /\s+/g,
      ' ',
    )
  }
}

/** Has a function loop; resolves when the process has answered or ended. */
export async function loop(http: string, where: string): Promise<void> {
  const call = where.startsWith('query') ? 'queries/ask' : 'commands/place'
  await postJson(`${http}/${call}`, { id: 'a', loops: where }).catch(() => {})
}

/** The log lines of a process, without those of the start. */
export function linesOf(stderr: string): readonly Record<string, unknown>[] {
  return stderr
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line))
}

/** Waits in real time, for a process that does nothing meanwhile. */
export function realTime(milliseconds: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, milliseconds)
  })
}
