// Starts the processes of a test and exchanges messages with them, one JSON message at a time.

import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { onTestFinished } from 'vitest'

/** A process of a test. */
export interface Child {
  readonly pid: number
  /** Sends a message and waits for the answer. */
  ask(message: unknown): Promise<unknown>
  /** Waits for the next message it sends. */
  hear(): Promise<unknown>
  /** Ends it as a crash would. */
  kill(): Promise<void>
}

/** Starts a file beside this one; it is killed when the test has finished. */
export async function startChild(file: string, ...parameters: readonly string[]): Promise<Child> {
  const child: ChildProcess = fork(new URL(file, import.meta.url), parameters, {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  })
  const ended = once(child, 'exit')
  const kill = async () => {
    child.kill('SIGKILL')
    await ended
  }
  onTestFinished(kill)
  await once(child, 'message')
  const hear = async (): Promise<unknown> => (await once(child, 'message'))[0]
  return {
    pid: child.pid ?? 0,
    ask: (message) => {
      child.send(message as object)
      return hear()
    },
    hear,
    kill,
  }
}
