// The relay: copies a service's committed events from its event log to a broker that keeps its own history. The broker knows its last
// position, so a relay that was interrupted anywhere continues from there, and sending an event twice changes nothing.
// Invariant: it never continues after an event that its store does not have.

import { TidingsError } from '../../errors/index.ts'
import { distance, type Position } from '../../ports/index.ts'
import type { ServiceCore } from '../core/service-core.ts'
import { WorkLoop } from '../core/work-loop.ts'

/** The status of the relay. */
export interface RelayStatus {
  /** The last position the broker holds. */
  readonly position: Position
  /** Events that are still to be sent. */
  readonly depth: number
  readonly error: { readonly code: string; readonly message: string } | undefined
}

/** Relays the events of one service until it is closed. */
export class Relay {
  readonly #core: ServiceCore
  readonly #loop: WorkLoop
  #position: Position = ''
  #head: Position = ''
  #asking = false
  /** Whether the broker's last event was found in the store. */
  #compared = false
  #unlisten: () => void = () => {}

  constructor(core: ServiceCore) {
    this.#core = core
    this.#loop = new WorkLoop(core, {
      failing: 'The relay pauses; published events wait in the outbox',
      resuming: 'The relay resumes',
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

  /** Whether everything was sent, according to the last pass. */
  get atRest(): boolean {
    return this.#loop.atRest && this.#loop.error === undefined && this.#position >= this.#head
  }

  async close(): Promise<void> {
    this.#unlisten()
    this.#loop.close()
    // Closing does not wait for a broker that does not answer: events that were not sent stay in the outbox.
    if (!this.#asking) await this.#loop.ended
  }

  async #pass(): Promise<number> {
    const { broker, store, service } = this.#core
    const { pollMs, batchCountMax } = service.limits
    const published = await this.#ask(broker.published(service.name))
    if (this.#loop.closing) return pollMs
    if (published?.epoch === store.epoch && !this.#compared) await this.#compare(published.position)
    if (this.#loop.closing) return pollMs
    this.#compared = true
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

  // Once is enough: nobody replaces a store that is open.
  async #compare(position: Position): Promise<void> {
    const { broker, store, service } = this.#core
    const request = { after: position, limit: 1, edges: true }
    const sent = (await this.#ask(broker.read(service.name, request))).edges?.after ?? ''
    const { head, edges } = await store.readEventLog(request)
    const kept = edges?.after ?? ''
    if (position <= head && (sent === '' || kept === '' || sent === kept)) return
    throw new TidingsError(
      'EPOCH_CHANGED',
      `The store of ${service.name} was replaced: the broker has its events up to ${position}, and the store ${position > head ? `ends at ${head || 'the beginning'}` : `has event ${kept} there, not ${sent}`}.`,
      {
        details: { service: service.name, position, sent, kept },
        hint: `Put the store of ${service.name} that has these events back in its place, or restore it with \`tidings restore\`.`,
      },
    )
  }

  // The broker's last event is of an earlier epoch: it already has the events that the restore has kept.
  #afterRestore(published: { readonly epoch: string; readonly position: Position }): Position {
    const kept = this.#core.store.earlierEpochs.find(({ epoch }) => epoch === published.epoch)?.upTo ?? ''
    return published.position < kept ? published.position : kept
  }
}
