// One run of the system in a child process, from its start to its end.

import { type ChildProcess, fork } from 'node:child_process'
import { getCompileCacheDir } from 'node:module'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import type { ChildOptions, FromChild, ToChild } from './dev-messages.ts'

/** How a process ended. */
export interface Ending {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
}

/** A process that runs the system. */
export interface SystemProcess {
  /** Resolves when it has ended. */
  readonly ended: Promise<Ending>
  /** Ends it in order, and kills it if that takes too long. */
  stop(): Promise<Ending>
}

/** How long a process may take to end in order, in milliseconds. */
const stopMs = 15_000

/** Starts a process for the system. */
export function startProcess(
  options: ChildOptions,
  execArgv: readonly string[],
  receive: (message: FromChild) => void,
): SystemProcess {
  const child: ChildProcess = fork(
    fileURLToPath(new URL('./dev-child.ts', import.meta.url)),
    [JSON.stringify(options)],
    { execArgv: [...execArgv], stdio: ['ignore', 'inherit', 'inherit', 'ipc'], env: childEnv() },
  )
  const ended = new Promise<Ending>((resolve) => {
    child.once('exit', (code, signal) => resolve({ code, signal }))
    child.once('error', () => resolve({ code: 1, signal: null }))
  })
  child.on('message', receive)
  const stop = async () => {
    if (child.connected) child.send({ kind: 'stop' } satisfies ToChild, () => {})
    const timer = setTimeout(() => child.kill('SIGKILL'), stopMs)
    const ending = await ended
    clearTimeout(timer)
    return ending
  }
  return { ended, stop }
}

// The child keeps what it has compiled where this process does, if it does.
function childEnv(): NodeJS.ProcessEnv {
  const folder = getCompileCacheDir()
  // That folder is of one version of Node; the one above was given.
  return folder === undefined ? process.env : { ...process.env, NODE_COMPILE_CACHE: path.dirname(folder) }
}
