// Publishes events of services that are not part of a session: each owner of a contract gets an event log of its own.

import { defineService, type EventContract, type EventRecord, TidingsError } from 'tidings'
import type { ManualWorld } from '../world/manual-world.ts'
import type { ServiceRuns } from '../world/service-run.ts'
import { makeRecord, type OldEventDetails } from './event-record.ts'

/** Publishes events of services that do not run themselves. */
export class OutsidePublishers {
  readonly #runs: ServiceRuns
  readonly #world: ManualWorld
  readonly #entityVersions = new Map<string, number>()

  constructor(runs: ServiceRuns, world: ManualWorld) {
    this.#runs = runs
    this.#world = world
  }

  /** Appends an event to its owner's log; throws `NOT_OWNED` if the owner runs in the session itself. */
  async publish(contract: EventContract, data: unknown, details?: Partial<OldEventDetails>): Promise<EventRecord> {
    const { owner } = contract
    const run = this.#runs.running.get(owner) ?? (await this.#runs.start(defineService(owner).with({}), true))
    if (!run.standIn) {
      throw new TidingsError('NOT_OWNED', `${contract.name} is published by ${owner}, which runs in this session.`, {
        hint: `Send ${owner} the command that publishes it.`,
      })
    }
    const record = makeRecord(this.#maker, contract, data, details)
    await run.runtime.importEvents([record])
    return record
  }

  /** Ends the stand-in for a service, because the real one is about to start. */
  async giveWay(name: string): Promise<void> {
    if (this.#runs.running.get(name)?.standIn === true) await this.#runs.stop(name)
  }

  get #maker() {
    return {
      newId: () => this.#world.environment.ids.next(),
      nowMs: () => this.#world.environment.clock.now(),
      nextEntityVersion: (contract: EventContract, key: string) => {
        const id = `${contract.name}/${key}`
        const version = (this.#entityVersions.get(id) ?? 0) + 1
        this.#entityVersions.set(id, version)
        return version
      },
    }
  }
}
