// Keeps a process of services alive: restarts it whenever it ends, until it is stopped.
// Invariant: `url` is that of the process that is ready now, or `undefined`.

import { type ChildProcess, fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { LiveSelection } from '@tidings/http'
import { type ErrorCode, TidingsError } from 'tidings'
import { errorRegistry } from 'tidings/errors'
import type { Environment } from 'tidings/ports'
import { createLog, type StoreDamage } from 'tidings/runtime'
import { readBlockedNote } from '../watchdog/blocked-note.ts'
import { workText } from '../watchdog/blocking-work.ts'
import { nextDelay } from './backoff.ts'
import type { ChildMessage, ChildOrder, ParentMessage } from './child-messages.ts'

const entry = fileURLToPath(new URL('./child-entry.ts', import.meta.url))

/** A process that is restarted whenever it ends. */
export interface SupervisedChild {
  /** The name of its service, or of the system if it runs several. */
  readonly name: string
  readonly services: readonly string[]
  /** The URL of its own HTTP API; `undefined` while it is down. */
  readonly url: string | undefined
  /** The process's id; `undefined` while there is none. */
  readonly pid: number | undefined
  /** How often it was restarted. */
  readonly restarts: number
  /** Damaged data that a service of it has met since it was started last; `undefined` if it has met none. */
  readonly damage: StoreDamage | undefined
  /** Why the last start failed; `undefined` if it did not. */
  readonly failure: TidingsError | undefined
  /** Resolves when it is ready for the first time; rejects if a restart cannot help. */
  readonly ready: Promise<void>
  /** Ends the live streams of a principal or a tenant in it. */
  endLive(selection: LiveSelection): void
  /** Ends it: with a message, then with SIGTERM, then with SIGKILL. */
  stop(): Promise<void>
}

/** Starts a process and keeps it alive. */
export function superviseChild(order: ChildOrder, environment: Environment, stopTimeoutMs: number): SupervisedChild {
  const ready = Promise.withResolvers<void>()
  const log = createLog(environment, order.name)
  let child: ChildProcess | undefined
  let url: string | undefined
  let damage: StoreDamage | undefined
  let failure: TidingsError | undefined
  let failures = 0
  let restarts = 0
  let everReady = false
  let stopping = false
  let cancelRestart = () => {}

  function start(): void {
    const startedAt = environment.clock.monotonicMs()
    // The child does not get the flags of this process, such as a debugger's.
    const started = fork(entry, [JSON.stringify(order)], {
      execArgv: [],
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    })
    child = started
    started.on('message', (message: ChildMessage) => {
      if (message.kind === 'failed') failure = errorOf(message)
      else if (message.kind === 'damaged') damage = message.damage
      else {
        url = message.httpUrl
        failure = undefined
        everReady = true
        ready.resolve()
      }
    })
    // A process that cannot start or be reached also ends, and its end is handled below.
    started.on('error', () => {})
    let ended = false
    const end = (code: number | null, signal: string | null) => {
      if (ended) return
      ended = true
      child = undefined
      url = undefined
      damage = undefined
      if (stopping) return
      if (!everReady && failure !== undefined && isFinal(failure)) {
        ready.reject(failure)
        return
      }
      const notes = order.services.map((service) => readBlockedNote(order.data, service))
      const blocked = notes.find((note) => note?.pid === started.pid)
      // The time for which it was blocked is no sign of health.
      const pause = nextDelay(failures, environment.clock.monotonicMs() - startedAt - (blocked?.blockedMs ?? 0))
      failures = pause.failures
      log.warn('A process has ended and will be restarted', {
        pid: started.pid,
        code,
        signal,
        error: failure?.message,
        ...(blocked?.work === undefined ? {} : { blockedBy: workText(blocked.work) }),
        delayMs: pause.delayMs,
      })
      cancelRestart = afterDelay(pause.delayMs, () => {
        restarts++
        start()
      })
    }
    started.on('exit', end)
    started.on('close', end)
  }

  start()
  return {
    name: order.name,
    services: order.services,
    ready: ready.promise,
    get url() {
      return url
    },
    get pid() {
      return child?.pid
    },
    get restarts() {
      return restarts
    },
    get damage() {
      return damage
    },
    get failure() {
      return failure
    },
    endLive: (selection) => {
      const message: ParentMessage = { kind: 'end-live', selection }
      if (child?.connected === true) child.send(message, () => {})
    },
    stop: () => {
      stopping = true
      cancelRestart()
      return child === undefined ? Promise.resolve() : stopProcess(child, stopTimeoutMs)
    },
  }
}

// An error that a restart cannot fix ends the start of the system. A locked store is not final: a process that is ending may still hold it.
function isFinal({ code }: TidingsError): boolean {
  return errorRegistry[code].retry === 'never' && code !== 'STORE_LOCKED'
}

function errorOf({ code, message, hint }: ChildMessage & { kind: 'failed' }): TidingsError {
  const known = code in errorRegistry ? (code as ErrorCode) : 'HANDLER_FAILED'
  return new TidingsError(known, message, { hint })
}

async function stopProcess(child: ChildProcess, stopTimeoutMs: number): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  const message: ParentMessage = { kind: 'stop' }
  if (child.connected) child.send(message, () => {})
  const cancelTerm = afterDelay(stopTimeoutMs / 2, () => child.kill('SIGTERM'))
  const cancelKill = afterDelay(stopTimeoutMs, () => child.kill('SIGKILL'))
  await ended
  cancelTerm()
  cancelKill()
}

function afterDelay(delayMs: number, run: () => void): () => void {
  const timer = setTimeout(run, delayMs)
  return () => clearTimeout(timer)
}
