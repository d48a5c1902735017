// Pins processes to one core, and lets them use all again. Only Linux can do that to a running process, through `taskset`.

import { spawnSync } from 'node:child_process'

/** The core that pinned processes share. */
const core = '0'

const taskset = (...args: readonly string[]) => spawnSync('taskset', args, { encoding: 'utf8' })

/** The cores that this process may use, as `taskset` writes them; `undefined` if there is no `taskset`, or only one core. */
export function usableCores(): string | undefined {
  const { status, stdout } = taskset('-p', '-c', String(process.pid))
  const cores = status === 0 ? stdout.split(': ').at(-1)?.trim() : undefined
  return cores === undefined || /^\d+$/.test(cores) ? undefined : cores
}

/** Runs `work` while all threads of the processes share one core. */
export async function onOneCore<T>(processIds: readonly number[], cores: string, work: () => Promise<T>): Promise<T> {
  const set = (list: string) => {
    for (const id of processIds) {
      // A thread that ends meanwhile makes it fail, so it may try again.
      let tried = taskset('-a', '-p', '-c', list, String(id))
      for (let again = 0; tried.status !== 0 && again < 5; again++) tried = taskset('-a', '-p', '-c', list, String(id))
      if (tried.status !== 0)
        throw new Error(`taskset could not move process ${id} to core ${list}: ${tried.stderr.trim()}`)
    }
  }
  set(core)
  try {
    return await work()
  } finally {
    set(cores)
  }
}
