// What the operating system says of the main thread of a process, whether or not that thread could answer. Only Linux says it; elsewhere it is not known.

import { readFileSync } from 'node:fs'

/** `disk`: it waits for a disk, and nothing can interrupt that, not even SIGKILL. `stopped`: by SIGSTOP or a debugger. */
export type ProcessState = 'disk' | 'stopped'

const states: Readonly<Record<string, ProcessState>> = { D: 'disk', T: 'stopped', t: 'stopped' }

/** The state of the main thread of a process; `undefined` if it is another one, or not known. */
export function stateOfProcess(pid: number): ProcessState | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/task/${pid}/stat`, 'latin1')
    // The name of the process comes before, in brackets, and may contain anything.
    return states[text.charAt(text.lastIndexOf(')') + 2)]
  } catch {
    return undefined
  }
}
