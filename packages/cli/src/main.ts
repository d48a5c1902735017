// The process of the command: real streams, signals and exit code around `runCommandLine`.

import { keepOutputFlowing } from '@tidings/node/output'
import { stopSignals } from './invocation.ts'
import { runCommandLine } from './program.ts'
import { createTerminal } from './terminal/terminal.ts'
import { exitCodes } from './usage/exit-codes.ts'

/** How long something that was left open may keep the process alive, in milliseconds. */
const leftOverMs = 1_000

const interruption = new AbortController()
const stop = () => {
  // The second signal ends the process at once.
  if (interruption.signal.aborted) process.exit(exitCodes.interrupted)
  interruption.abort()
}
for (const signal of stopSignals) process.on(signal, stop)

// If `head` in `tidings events | head` closes the pipe, that is no failure. If the terminal was closed, writing fails too, but the command
// still has to end in order. What runs services goes on without a reader.
let outlivesReaders = false
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE' && !interruption.signal.aborted && !outlivesReaders) process.exit(exitCodes.ok)
  })
}

const { stdout, stderr, env } = process
process.exitCode = await runCommandLine(process.argv.slice(2), {
  terminal: createTerminal({ stdout, stderr, env }),
  cwd: process.cwd(),
  env,
  interrupted: interruption.signal,
  outliveReaders: () => {
    outlivesReaders = true
    keepOutputFlowing()
  },
})
for (const signal of stopSignals) process.off(signal, stop)
// Something may have been left open, such as a socket or a timer of a function that did not end. It must not keep the process alive.
setTimeout(() => process.exit(), leftOverMs).unref()
