// The entry of a child process: runs one service of a configuration until it is told to stop, or its supervisor is gone.

import { isTidingsError, TidingsError } from 'tidings'
import { loadConfig } from '../config/load-config.ts'
import { type RunningSystem, startSystem } from '../start-system.ts'
import type { ChildMessage, ChildOrder, ParentMessage } from './child-messages.ts'

/** The longest an orphan may take to close. */
const orphanTimeoutMs = 2_000

const order = JSON.parse(process.argv[2] ?? '{}') as ChildOrder
let running: RunningSystem | undefined
let stopping = false

process.on('message', (message: ParentMessage) => {
  if (message.kind === 'stop') stop()
})
process.on('SIGTERM', stop)
// Ctrl-C reaches every process of the terminal; the supervisor decides what it means.
process.on('SIGINT', () => {})
process.on('disconnect', () => {
  setTimeout(() => process.exit(1), orphanTimeoutMs).unref()
  stop()
})

try {
  running = await startSystem(await loadConfig(order.configPath), {
    services: [order.service],
    data: order.data,
    // Only the front speaks to it, and it has looked at host and origin already. Pages are the front's own.
    http: { host: '127.0.0.1', port: 0, hosts: [], origins: [], pages: [] },
    log: order.log,
  })
  if (stopping) await running.close()
  else tell({ kind: 'ready', httpUrl: running.httpUrl ?? '', control: running.controlUrl })
  await running.ended
  process.exit(0)
} catch (error) {
  tell(failure(error), () => process.exit(1))
}

function stop(): void {
  stopping = true
  running?.close().catch(() => process.exit(1))
}

function tell(message: ChildMessage, then: () => void = () => {}): void {
  if (process.connected) process.send?.(message, then)
  else then()
}

function failure(error: unknown): ChildMessage {
  const known = isTidingsError(error)
    ? error
    : new TidingsError('HANDLER_FAILED', error instanceof Error ? (error.stack ?? error.message) : String(error))
  return { kind: 'failed', code: known.code, message: known.message, hint: known.hint }
}
