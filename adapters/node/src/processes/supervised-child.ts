// One service's process, kept alive: started again whenever it ends, whatever ended it, until it is told to stop.
// Invariant: `url` names the process that is ready now, or nothing.

import { type ChildProcess, fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { type ErrorCode, TidingsError } from 'tidings'
import { errorRegistry } from 'tidings/errors'
import type { Environment } from 'tidings/ports'
import { nextDelay } from './backoff.ts'
import type { ChildMessage, ChildOrder, ParentMessage } from './child-messages.ts'

const entry = fileURLToPath(new URL('./child-entry.ts', import.meta.url))

/** A process that is kept alive. */
export interface SupervisedChild {
  readonly service: string
  /** Where the service's own HTTP API is; `undefined` while it is down. */
  readonly url: string | undefined
  /** The process; `undefined` while there is none. */
  readonly pid: number | undefined
  /** How often it was started again. */
  readonly restarts: number
  /** Why the last start failed, where it did. */
  readonly failure: TidingsError | undefined
  /** Resolves when it is ready for the first time; rejects where it never can be. */
  readonly ready: Promise<void>
  /** Asks it to end, then urges it, then kills it. */
  stop(): Promise<void>
}

/** Starts a service's process and keeps it alive. */
export function superviseChild(order: ChildOrder, environment: Environment, stopTimeoutMs: number): SupervisedChild {
  const ready = Promise.withResolvers<void>()
  const log = (level: 'info' | 'warn', message: string, fields: object) =>
    environment.log({ level, time: environment.clock.now(), service: order.service, message, fields: { ...fields } })
  let child: ChildProcess | undefined
  let url: string | undefined
  let failure: TidingsError | undefined
  let failures = 0
  let restarts = 0
  let everReady = false
  let stopping = false
  let cancelRestart = () => {}

  function start(): void {
    const startedAt = environment.clock.monotonicMs()
    // The flags of this process (a debugger's, a test runner's) are not the child's.
    const started = fork(entry, [JSON.stringify(order)], {
      execArgv: [],
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    })
    child = started
    started.on('message', (message: ChildMessage) => {
      if (message.kind === 'failed') failure = errorOf(message)
      else {
        url = message.httpUrl
        failure = undefined
        everReady = true
        ready.resolve()
      }
    })
    // What cannot be started, or told, ends; the end is handled in one place.
    started.on('error', () => {})
    let ended = false
    const end = (code: number | null, signal: string | null) => {
      if (ended) return
      ended = true
      child = undefined
      url = undefined
      if (stopping) return
      if (!everReady && failure !== undefined && isFinal(failure)) {
        ready.reject(failure)
        return
      }
      const pause = nextDelay(failures, environment.clock.monotonicMs() - startedAt)
      failures = pause.failures
      log('warn', 'A process has ended and is started again', {
        pid: started.pid,
        code,
        signal,
        error: failure?.message,
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
    service: order.service,
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
    get failure() {
      return failure
    },
    stop: () => {
      stopping = true
      cancelRestart()
      return child === undefined ? Promise.resolve() : stopProcess(child, stopTimeoutMs)
    },
  }
}

// What a restart cannot mend ends the start of the whole; a lock may still be held by a process that is on its way out.
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
