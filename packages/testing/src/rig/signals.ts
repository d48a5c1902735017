// Signals to processes that may have ended by themselves meanwhile.

/** Sends a signal; returns whether the process was there. */
export function signal(pid: number, name: NodeJS.Signals): boolean {
  return tried(pid, name)
}

/** Whether a process is there. */
export function isAlive(pid: number): boolean {
  return tried(pid, 0)
}

function tried(pid: number, name: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(pid, name)
  } catch {
    return false
  }
}
