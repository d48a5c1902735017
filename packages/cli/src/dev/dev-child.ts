// The process that runs the system for `tidings dev`. It reports which files it has loaded, so that exactly those are watched. It ends
// in order when its parent tells it to, or when the parent is gone.

import inspector from 'node:inspector'
import { registerHooks } from 'node:module'
import { fileURLToPath } from 'node:url'
import type { ChildOptions, FromChild, ToChild } from './dev-messages.ts'

const options = JSON.parse(process.argv[2] ?? '{}') as ChildOptions
const send = (message: FromChild): void => {
  if (process.connected) process.send?.(message)
}

let loaded: string[] = []
const sendLoaded = () => {
  if (loaded.length > 0) send({ kind: 'loaded', files: loaded })
  loaded = []
}
// Registered before the project is imported, so that a file with a syntax error is watched too.
registerHooks({
  load: (url, context, next) => {
    if (url.startsWith('file:') && !url.includes('/node_modules/')) {
      if (loaded.length === 0) setImmediate(sendLoaded)
      loaded.push(fileURLToPath(url))
    }
    return next(url, context)
  },
})

// Ctrl-C reaches the whole process group; the parent decides when this process ends.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => {})
const stopRequested = new Promise<void>((resolve) => {
  process.on('message', (message: ToChild) => {
    if (message.kind === 'stop') resolve()
  })
  process.on('disconnect', resolve)
})

const { keepOutputFlowing } = await import('@tidings/node/output')
keepOutputFlowing()
const { runChild } = await import('./run-child.ts')
process.exitCode = await runChild({ ...options, debugged: inspector.url() !== undefined }, send, stopRequested)
sendLoaded()
if (process.connected) process.disconnect()
// Nothing that was left open keeps the process alive.
setTimeout(() => process.exit(), 1_000).unref()
