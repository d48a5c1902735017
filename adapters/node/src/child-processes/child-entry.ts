// The entry of a child process: runs one or all services of a configuration until the supervisor stops it, or the supervisor itself ends.

import { isTidingsError } from 'tidings'
import { describeThrown } from 'tidings/errors'
import { loadConfig } from '../config/load-config.ts'
import { unreadyOfAll } from '../health/health.ts'
import { keepOutputFlowing } from '../output/keep-output-flowing.ts'
import { type RunningSystem, startSystem } from '../start-system.ts'
import { startWatchdog } from '../watchdog/watchdog.ts'
import type { ChildMessage, ChildOrder, ParentMessage } from './child-messages.ts'

/** The exit code of a process that has closed before everything in progress had ended. */
const incompleteExitCode = 6

/** How long a process may take to close, at most, if its supervisor is gone. */
const orphanTimeoutMs = 2_000

keepOutputFlowing()
const order = JSON.parse(process.argv[2] ?? '{}') as ChildOrder
let running: RunningSystem | undefined
// It also watches over the loading of the configuration, and ends this process if the supervisor has ended while the main thread is blocked.
const watchdog =
  order.watchdog === false
    ? undefined
    : startWatchdog({
        ...order.watchdog,
        supervisor: order.supervisor,
        signals: ['SIGTERM'],
        format: order.log.level === 'silent' ? 'none' : (order.log.format ?? 'json'),
      })
let stopping = false

process.on('message', (message: ParentMessage) => {
  if (message.kind === 'stop') stop()
  else if (message.kind === 'ask-unready')
    void unreadyOfAll([...(running?.system.services.values() ?? [])]).then((missing) =>
      send({ kind: 'unready', id: message.id, missing }),
    )
  else running?.endLive(message.selection)
})
process.on('SIGTERM', stop)
// Ctrl-C reaches every process of the terminal; the supervisor decides what to do.
process.on('SIGINT', () => {})
process.on('disconnect', () => {
  setTimeout(() => process.exit(1), orphanTimeoutMs).unref()
  stop()
})

try {
  running = await startSystem(await loadConfig(order.configPath), {
    services: order.services,
    data: order.data,
    // Only the front calls it, and has already checked host and origin. The front also serves the pages.
    http: { host: '127.0.0.1', port: 0, hosts: [], origins: [], pages: [], trustProxy: 1 },
    log: { format: 'json', ...order.log },
    // The supervisor answers for all processes.
    health: false,
    ...(watchdog === undefined ? {} : { watchdog }),
    ...(order.instance === undefined ? {} : { instance: order.instance }),
  })
  for (const { damaged } of running.system.services.values())
    void damaged.then((damage) => send({ kind: 'damaged', damage }))
  if (stopping) await running.close()
  else send({ kind: 'ready', httpUrl: running.httpUrl ?? '', control: running.controlUrl })
  const { complete } = await running.ended
  process.exit(complete ? 0 : incompleteExitCode)
} catch (error) {
  send(failure(error), () => process.exit(1))
}

function stop(): void {
  stopping = true
  running?.close().catch(() => process.exit(1))
}

function send(message: ChildMessage, then: () => void = () => {}): void {
  if (process.connected) process.send?.(message, then)
  else then()
}

function failure(error: unknown): ChildMessage {
  const { code, message, hint, stack } = describeThrown(error)
  return { kind: 'failed', code, message: isTidingsError(error) ? message : (stack ?? message), hint }
}
