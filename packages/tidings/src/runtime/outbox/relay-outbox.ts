// The relay: copies a service's committed outbox into a broker that keeps its own history. The broker knows how far it has come,
// so a copy that was interrupted anywhere goes on where it was, and one that is repeated changes nothing.

import { distance, type Position } from '../../ports/index.ts'
import type { ServiceCore } from '../core/service-core.ts'
import { WorkLoop } from '../core/work-loop.ts'

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
  readonly #loop: WorkLoop
  #position: Position = ''
  #head: Position = ''
  #asking = false
  #unlisten: () => void = () => {}

  constructor(core: ServiceCore) {
    this.#core = core
    this.#loop = new WorkLoop(core, {
      failing: 'The relay pauses; what is published waits in the outbox',
      pass: () => this.#pass(),
    })
  }

  start(): void {
    this.#unlisten = this.#core.eventsPublished.listen(() => this.#loop.wake())
    this.#loop.start()
  }

  get status(): RelayStatus {
    return { position: this.#position, depth: distance(this.#position, this.#head), error: this.#loop.error }
  }

  /** Whether everything committed so far has been relayed, as far as was seen. */
  get atRest(): boolean {
    return this.#loop.atRest && this.#loop.error === undefined && this.#position >= this.#head
  }

  async close(): Promise<void> {
    this.#unlisten()
    this.#loop.close()
    // A broker that does not answer keeps nobody waiting: what is not relayed waits in the outbox.
    if (!this.#asking) await this.#loop.ended
  }

  async #pass(): Promise<number> {
    const { broker, store, service } = this.#core
    const { pollMs, batchCountMax } = service.limits
    const published = await this.#ask(broker.published(service.name))
    if (this.#loop.closing) return pollMs
    const after =
      published?.epoch === store.epoch
        ? published.position
        : published === undefined
          ? ''
          : this.#afterRestore(published)
    const page = await store.readEventLog({ after, limit: batchCountMax })
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
    return page.events.length > 0 ? 0 : pollMs
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
}
