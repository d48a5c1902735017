// Starts processes that use a local server, and exchanges messages with them.

import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { onTestFinished } from 'vitest'

/** A process that uses a local server. */
export interface PostgresChild {
  readonly pid: number
  /** What it said when it had its server. */
  readonly server: { readonly pid: number; readonly url: string; readonly data: string }
  /** Lets it leave the server and end. */
  leave(): Promise<void>
  /** Ends it as the supervisor of a machine does. */
  end(signal: NodeJS.Signals): Promise<void>
}

/** Starts a process that asks for the server of a folder. */
export async function startPostgresChild(
  directory: string,
  how: 'closes' | 'exits' = 'closes',
): Promise<PostgresChild> {
  const child: ChildProcess = fork(new URL('local-user.ts', import.meta.url), [directory, how], {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  })
  const ended = once(child, 'exit')
  const end = async (signal: NodeJS.Signals) => {
    child.kill(signal)
    await ended
  }
  onTestFinished(() => end('SIGKILL'))
  const [server] = await Promise.race([once(child, 'message'), ended])
  return {
    pid: child.pid ?? 0,
    server,
    leave: async () => {
      child.send('leave')
      await ended
    },
    end,
  }
}
