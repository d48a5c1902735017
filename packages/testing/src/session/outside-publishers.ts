// Services that are not part of a session, as far as its services hear of them: whoever owns a contract has a log of its own.

import { defineService, type EventContract, type EventRecord, TidingsError } from 'tidings'
import { makeRecord, type OldEventDetails } from './event-record.ts'
import type { ManualWorld } from './manual-world.ts'
import type { ServiceRuns } from './service-run.ts'

/** Publishes events of services that do not run themselves. */
export class OutsidePublishers {
  readonly #runs: ServiceRuns
  readonly #world: ManualWorld
  readonly #standIns = new Set<string>()
  readonly #entityVersions = new Map<string, number>()

  constructor(runs: ServiceRuns, world: ManualWorld) {
    this.#runs = runs
    this.#world = world
  }

  /** Whether a service is only stood in for. */
  isStandIn(name: string): boolean {
    return this.#standIns.has(name)
  }

  /** Puts an event into the log of its owner; throws `NOT_OWNED` where the owner runs in the session itself. */
  async publish(contract: EventContract, data: unknown, details?: Partial<OldEventDetails>): Promise<EventRecord> {
    const { owner } = contract
    if (!this.#runs.running.has(owner)) {
      await this.#runs.start(defineService(owner).with({}))
      this.#standIns.add(owner)
    } else if (!this.#standIns.has(owner)) {
      throw new TidingsError('NOT_OWNED', `${contract.name} is published by ${owner}, which runs in this session.`, {
        hint: `Send ${owner} the command that leads to it.`,
      })
    }
    const record = makeRecord(this.#maker, contract, data, details)
    await this.#runs.of(owner).runtime.core.commitThroughGate({ checks: [], rows: [], appends: [], events: [record] })
    return record
  }

  /** Ends the stand-in for a service that is about to start itself. */
  async giveWay(name: string): Promise<void> {
    if (this.#standIns.delete(name)) await this.#runs.stop(name)
  }

  get #maker() {
    return {
      newId: () => this.#world.host.ids.next(),
      nowMs: () => this.#world.host.clock.now(),
      nextEntityVersion: (contract: EventContract, key: string) => {
        const id = `${contract.name}/${key}`
        const version = (this.#entityVersions.get(id) ?? 0) + 1
        this.#entityVersions.set(id, version)
        return version
      },
    }
  }
}
