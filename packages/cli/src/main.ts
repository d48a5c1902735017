// The process of the command: real streams, signals and exit code around `runCommandLine`.

import { runCommandLine } from './program.ts'
import { createTerminal } from './terminal/terminal.ts'
import { exitCodes } from './usage/exit-codes.ts'

const interruption = new AbortController()
const stop = () => {
  // Asked twice: whoever asks does not want to wait.
  if (interruption.signal.aborted) process.exit(exitCodes.interrupted)
  interruption.abort()
}
const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const
for (const signal of signals) process.on(signal, stop)

// `tidings events | head` closes the pipe: that is no failure. A terminal that was closed takes nothing any more, and what
// runs is to end in good order all the same.
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE' && !interruption.signal.aborted) process.exit(exitCodes.ok)
  })
}

const { stdout, stderr, env } = process
process.exitCode = await runCommandLine(process.argv.slice(2), {
  terminal: createTerminal({ stdout, stderr, env }),
  cwd: process.cwd(),
  env,
  interrupted: interruption.signal,
})
for (const signal of signals) process.off(signal, stop)
