// The process that runs the system under `tidings dev`. It says which files it has loaded, so that exactly those are
// watched, and ends in good order when it is told to or when whoever started it is gone.

import inspector from 'node:inspector'
import { registerHooks } from 'node:module'
import { fileURLToPath } from 'node:url'
import type { ChildOptions, FromChild, ToChild } from './dev-messages.ts'

const options = JSON.parse(process.argv[2] ?? '{}') as ChildOptions
const send = (message: FromChild): void => {
  if (process.connected) process.send?.(message)
}

let fresh: string[] = []
const flush = () => {
  if (fresh.length > 0) send({ kind: 'loaded', files: fresh })
  fresh = []
}
// Before anything of the project is imported: a file with a syntax error is to be watched too.
registerHooks({
  load: (url, context, next) => {
    if (url.startsWith('file:') && !url.includes('/node_modules/')) {
      if (fresh.length === 0) setImmediate(flush)
      fresh.push(fileURLToPath(url))
    }
    return next(url, context)
  },
})

// Ctrl-C reaches the whole group of processes; who watches decides when this one ends.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => {})
const told = new Promise<void>((resolve) => {
  process.on('message', (message: ToChild) => {
    if (message.kind === 'stop') resolve()
  })
  process.on('disconnect', resolve)
})

const { runChild } = await import('./run-child.ts')
process.exitCode = await runChild({ ...options, debugged: inspector.url() !== undefined }, send, told)
flush()
if (process.connected) process.disconnect()
