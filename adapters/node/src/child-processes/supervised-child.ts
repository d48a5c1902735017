// Keeps a process of services alive: restarts it whenever it ends, until it is stopped.
// Invariant: `url` is that of the process that is ready now, or `undefined`.

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
import { type Ending, type OrderedProcess, type PrintedLine, startOrderedProcess } from './ordered-process.ts'

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
  /** Why its services should get no requests now; nothing if it is ready. */
  unready(): Promise<readonly string[]>
  /** Ends the live streams of a principal or a tenant in it. */
  endLive(selection: LiveSelection): void
  /** From now on, it is not restarted if it ends. */
  closing(): void
  /** Ends it: with a message, then with SIGTERM, then with SIGKILL. Resolves with whether it has ended in order. */
  stop(): Promise<boolean>
}

/** How a process is supervised. */
export interface SupervisionOptions {
  readonly environment: Environment
  /** How long it may take to end, in milliseconds. */
  readonly stopTimeoutMs: number
  /** Gets what it prints. Default: it prints where this process does. */
  readonly printed?: ((line: PrintedLine) => void) | undefined
}

/** Starts a process and keeps it alive. */
export function superviseChild(order: ChildOrder, options: SupervisionOptions): SupervisedChild {
  return new Supervision(order, options)
}

class Supervision implements SupervisedChild {
  url: string | undefined
  damage: StoreDamage | undefined
  failure: TidingsError | undefined
  restarts = 0
  readonly #order: ChildOrder
  readonly #options: SupervisionOptions
  readonly #ready = Promise.withResolvers<void>()
  readonly #asked = new Map<number, (missing: readonly string[]) => void>()
  #child: OrderedProcess<ParentMessage> | undefined
  #ending: Ending | undefined
  #failures = 0
  #questions = 0
  #everReady = false
  #isClosing = false
  #restart: NodeJS.Timeout | undefined

  constructor(order: ChildOrder, options: SupervisionOptions) {
    this.#order = order
    this.#options = options
    this.#start()
  }

  get name(): string {
    return this.#order.name
  }

  get services(): readonly string[] {
    return this.#order.services
  }

  get pid(): number | undefined {
    return this.#child?.pid
  }

  get ready(): Promise<void> {
    return this.#ready.promise
  }

  unready(): Promise<readonly string[]> {
    const child = this.#child
    if (child === undefined || this.url === undefined) return Promise.resolve(['starting'])
    const id = ++this.#questions
    return new Promise((resolve) => {
      this.#asked.set(id, resolve)
      child.send({ kind: 'ask-unready', id })
    })
  }

  endLive(selection: LiveSelection): void {
    this.#child?.send({ kind: 'end-live', selection })
  }

  closing(): void {
    this.#isClosing = true
    clearTimeout(this.#restart)
  }

  async stop(): Promise<boolean> {
    this.closing()
    // One that has ended while it was closing has an ending, too.
    const ending = (await this.#child?.stop()) ?? this.#ending
    return ending === undefined || ending.code === 0
  }

  #start(): void {
    const { environment, printed, stopTimeoutMs } = this.#options
    const startedAt = environment.clock.monotonicMs()
    const child = startOrderedProcess<ChildMessage, ParentMessage>({
      entry,
      order: this.#order,
      stopTimeoutMs,
      receive: (message) => this.#receive(message),
      printed,
    })
    this.#child = child
    void child.ended.then((ending) => this.#ended(child, ending, startedAt))
  }

  #receive(message: ChildMessage): void {
    if (message.kind === 'failed') this.failure = errorOf(message)
    else if (message.kind === 'damaged') this.damage = message.damage
    else if (message.kind === 'unready') {
      this.#asked.get(message.id)?.(message.missing)
      this.#asked.delete(message.id)
    } else {
      this.url = message.httpUrl
      this.failure = undefined
      this.#everReady = true
      this.#ready.resolve()
    }
  }

  #ended({ pid }: OrderedProcess<ParentMessage>, ending: Ending, startedAt: number): void {
    const { environment } = this.#options
    const { failure } = this
    this.#child = undefined
    this.url = undefined
    this.damage = undefined
    for (const answer of this.#asked.values()) answer(['starting'])
    this.#asked.clear()
    if (this.#isClosing) {
      this.#ending = ending
      return
    }
    if (!this.#everReady && failure !== undefined && isFinal(failure)) {
      this.#ready.reject(failure)
      return
    }
    const notes = this.services.map((service) => readBlockedNote(this.#order.data, service))
    const blocked = notes.find((note) => note?.pid === pid)
    // The time for which it was blocked is no sign of health.
    const ranMs = environment.clock.monotonicMs() - startedAt - (blocked?.blockedMs ?? 0)
    const { delayMs, failures } = nextDelay(this.#failures, ranMs)
    this.#failures = failures
    createLog(environment, this.name).warn('A process has ended and will be restarted', {
      pid,
      ...ending,
      error: failure?.message,
      ...(blocked?.work === undefined ? {} : { blockedBy: workText(blocked.work) }),
      delayMs,
    })
    this.#restart = setTimeout(() => {
      this.restarts++
      this.#start()
    }, delayMs)
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
