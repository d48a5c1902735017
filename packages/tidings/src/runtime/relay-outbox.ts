// The relay: copies a service's committed outbox into a broker that keeps its own history. The broker knows how far it has come,
// so a copy that was interrupted anywhere goes on where it was, and one that is repeated changes nothing.

import { retryOf } from '../errors/index.ts'
import { distance, type Position } from '../ports/index.ts'
import { describeError, retryDelay } from './judge-failure.ts'
import type { ServiceCore } from './service-core.ts'

/** How the relay stands. */
export interface RelayStatus {
  /** The last position the broker holds. */
  readonly position: Position
  /** Events that wait in the outbox. */
  readonly depth: number
  readonly error: { readonly code: string; readonly message: string } | undefined
}

/** Relays one service's outbox until it is closed. */
export class Relay {
  readonly #core: ServiceCore
  #position: Position = ''
  #head: Position = ''
  #error: RelayStatus['error']
  #failures = 0
  #news = true
  #closing = false
  #asking = false
  #wake: () => void = () => {}
  #unlisten: () => void = () => {}
  #ended: Promise<void> = Promise.resolve()

  constructor(core: ServiceCore) {
    this.#core = core
  }

  start(): void {
    this.#unlisten = this.#core.eventsPublished.listen(() => {
      this.#news = true
      this.#wake()
    })
    this.#ended = this.#run()
  }

  get status(): RelayStatus {
    return { position: this.#position, depth: distance(this.#position, this.#head), error: this.#error }
  }

  /** Whether everything committed so far has been relayed, as far as was seen. */
  get atRest(): boolean {
    return !this.#news && this.#error === undefined && this.#position >= this.#head
  }

  async close(): Promise<void> {
    this.#closing = true
    this.#unlisten()
    this.#wake()
    // A broker that does not answer keeps nobody waiting: what is not relayed waits in the outbox.
    if (!this.#asking) await this.#ended
  }

  async #run(): Promise<void> {
    while (!this.#closing) {
      this.#news = false
      let delayMs = this.#core.service.limits.pollMs
      try {
        if (await this.#pass()) continue
      } catch (error) {
        if (this.#closing) return
        delayMs = this.#stumble(error)
      }
      if (!this.#news || this.#error !== undefined) await this.#sleep(delayMs)
    }
  }

  async #pass(): Promise<boolean> {
    const { broker, store, service } = this.#core
    const published = await this.#ask(broker.published(service.name))
    if (this.#closing) return false
    const after =
      published?.epoch === store.epoch
        ? published.position
        : published === undefined
          ? ''
          : this.#afterRestore(published)
    const page = await store.readLog({ after, limit: service.limits.batchCountMax })
    if (page.events.length > 0 || published?.epoch !== store.epoch) {
      await this.#ask(
        broker.publish({
          source: service.name,
          epoch: store.epoch,
          earlierEpochs: store.earlierEpochs,
          events: page.events,
        }),
      )
    }
    this.#position = page.next
    this.#head = page.head
    this.#error = undefined
    this.#failures = 0
    return page.events.length > 0
  }

  async #ask<T>(answer: T | Promise<T>): Promise<T> {
    this.#asking = true
    try {
      return await answer
    } finally {
      this.#asking = false
    }
  }

  // The broker holds an earlier epoch: what the restore has kept is there already.
  #afterRestore(published: { readonly epoch: string; readonly position: Position }): Position {
    const kept = this.#core.store.earlierEpochs.find(({ epoch }) => epoch === published.epoch)?.upTo ?? ''
    return published.position < kept ? published.position : kept
  }

  #stumble(error: unknown): number {
    const { host, log, service } = this.#core
    const known = describeError(error)
    if (this.#error?.code !== known.code) {
      const write = retryOf(error) === 'unavailable' ? log.warn : log.error
      write('The relay pauses; what is published waits in the outbox', {
        code: known.code,
        error: known.message,
        hint: known.hint,
      })
    }
    this.#error = { code: known.code, message: known.message }
    this.#failures++
    return retryDelay(this.#failures, service.limits, host.random)
  }

  #sleep(delayMs: number): Promise<void> {
    return new Promise((resolve) => {
      const cancel = this.#core.host.scheduler.after(delayMs, resolve)
      this.#wake = () => {
        if (this.#error !== undefined && !this.#closing) return
        cancel()
        resolve()
      }
      if (this.#closing) this.#wake()
    })
  }
}
