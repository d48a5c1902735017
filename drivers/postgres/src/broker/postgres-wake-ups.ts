// Wake-ups: a function call within one process, NOTIFY between processes. A wake-up is a hint; reading is the truth.
// Invariant: no commit notifies, because NOTIFY makes commits of all services wait for one another. What was published is notified a moment later, many
// publications at once, and nobody waits for it.

import type { Random, Timeouts } from 'tidings/ports'
import { type Backoff, pauseAfter } from '../database/postgres-backoff.ts'

/** How long to wait after a notification before the next, in milliseconds. */
const notifyPauseMs = 10

/** The most bytes of a notification, less than what Postgres allows (8,000). */
const payloadBytesMax = 7_000

/** How long to wait before listening again after the connection was lost. */
const listenAgain: Backoff = { leastMs: 100, mostMs: 30_000 }

/** A connection that listens. */
export interface Listening {
  close(): Promise<void>
}

/** What wake-ups need. */
export interface WakeUpOptions {
  readonly timeouts: Timeouts
  readonly random: Random
  /** What tells this engine's notifications from those of others. */
  readonly sender: string
  /** Sends a notification. */
  readonly notify: (payload: string) => Promise<unknown>
  /** Listens on a connection of its own; absent if this engine does not listen. `ended` is called once, when that connection is lost. */
  readonly listen?: (heard: (payload: string) => void, ended: () => void) => Promise<Listening>
}

/** The wake-ups of an engine. */
export class WakeUps {
  readonly #options: WakeUpOptions
  readonly #watchers = new Map<string, Set<() => void>>()
  readonly #toNotify = new Set<string>()
  #isNotifying = false
  #listening: Promise<Listening | undefined> | undefined
  #cancelListening: () => void = () => {}
  #failures = 0
  #isClosed = false

  constructor(options: WakeUpOptions) {
    this.#options = options
  }

  /** Calls `wake` whenever a source may have news, until the function that is returned is called. */
  watch(source: string, wake: () => void): () => void {
    let watchers = this.#watchers.get(source)
    if (watchers === undefined) {
      watchers = new Set()
      this.#watchers.set(source, watchers)
    }
    // Each watch gets its own wrapper, because the same function may watch twice.
    const own = () => wake()
    watchers.add(own)
    this.#listen()
    return () => {
      watchers.delete(own)
      if (watchers.size === 0 && this.#watchers.get(source) === watchers) this.#watchers.delete(source)
    }
  }

  /** A store of this engine has committed: its watchers here are woken at once, those elsewhere soon. */
  published(service: string): void {
    if (this.#isClosed) return
    this.wake(service)
    this.#toNotify.add(service)
    if (this.#isNotifying) return
    this.#isNotifying = true
    this.#options.timeouts.soon(() => this.#notify())
  }

  /** Wakes the watchers of a source here. */
  wake(source: string): void {
    const watchers = this.#watchers.get(source)
    if (watchers !== undefined) for (const wake of watchers) wake()
  }

  async close(): Promise<void> {
    this.#isClosed = true
    this.#watchers.clear()
    this.#cancelListening()
    const listening = await this.#listening
    await listening?.close()
  }

  #notify(): void {
    const { notify, sender, timeouts } = this.#options
    const services = [...this.#toNotify]
    this.#toNotify.clear()
    if (services.length === 0 || this.#isClosed) {
      this.#isNotifying = false
      return
    }
    const sent = payloadsOf(sender, services).map((payload) => notify(payload))
    // If it fails, others find out when they look.
    void Promise.allSettled(sent).then(() => timeouts.after(notifyPauseMs, () => this.#notify()))
  }

  #listen(): void {
    const { listen } = this.#options
    if (listen === undefined || this.#listening !== undefined || this.#isClosed) return
    this.#listening = listen(
      (payload) => this.#heard(payload),
      () => this.#listenAgain(),
    ).then(
      (listening) => {
        this.#failures = 0
        // What was published before is not notified again.
        for (const source of this.#watchers.keys()) this.wake(source)
        return listening
      },
      () => {
        this.#listenAgain()
        return undefined
      },
    )
  }

  #listenAgain(): void {
    if (this.#isClosed) return
    const { timeouts, random } = this.#options
    this.#cancelListening = timeouts.after(pauseAfter(this.#failures++, listenAgain, random), () => {
      this.#listening = undefined
      if (this.#watchers.size > 0) this.#listen()
    })
  }

  #heard(payload: string): void {
    const [sender, ...services] = payload.split(' ')
    if (sender === this.#options.sender) return
    for (const service of services) this.wake(service)
  }
}

// Names of services have no spaces.
function payloadsOf(sender: string, services: readonly string[]): string[] {
  const payloads: string[] = []
  let payload = sender
  for (const service of services) {
    if (payload.length + service.length >= payloadBytesMax) {
      payloads.push(payload)
      payload = sender
    }
    payload += ` ${service}`
  }
  return [...payloads, payload]
}
