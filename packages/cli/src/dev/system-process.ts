// One run of the system in a child process, from its start to its end.

import { fileURLToPath } from 'node:url'
import { type Ending, startOrderedProcess } from '@tidings/node'
import type { ChildOptions, FromChild, ToChild } from './dev-messages.ts'

export type { Ending } from '@tidings/node'

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
  const entry = fileURLToPath(new URL('./dev-child.ts', import.meta.url))
  return startOrderedProcess<FromChild, ToChild>({ entry, order: options, execArgv, stopTimeoutMs: stopMs, receive })
}
