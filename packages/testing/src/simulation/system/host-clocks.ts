// The clocks of the hosts on which instances run: each differs from the clock of the stores, by minutes or by up to an hour, and may be corrected.
// Invariant: how much the clock of an instance differs at first follows from the seed and its name alone, so a shrunk schedule keeps it.

import type { Clock, Environment } from 'tidings/ports'
import { createChance } from '../random/chance.ts'

/** The most that a host's clock differs from that of the stores. */
export const skewMsMax = 3_600_000

/** The clocks of hosts. */
export class HostClocks {
  readonly #seed: number
  readonly #differ: boolean
  readonly #skewsMs = new Map<string, number>()

  /** @param differ - whether they differ at all. */
  constructor(seed: number, differ: boolean) {
    this.#seed = seed
    this.#differ = differ
  }

  /** How far the clock of an instance's host is ahead of the stores' clock, in milliseconds. */
  skewMsOf(instance: string): number {
    const present = this.#skewsMs.get(instance)
    if (present !== undefined) return present
    const skewMs = this.#differ ? drawSkew(this.#seed ^ numberOf(instance)) : 0
    this.#skewsMs.set(instance, skewMs)
    return skewMs
  }

  /** Corrects the clock of an instance's host. */
  correct(instance: string, byMs: number): void {
    this.#skewsMs.set(instance, this.skewMsOf(instance) + byMs)
  }

  /** An environment as the instance sees it: its host's time of day, and log lines in its name. */
  environmentOf(instance: string, environment: Environment): Environment {
    const { clock, log } = environment
    const hostClock: Clock = {
      now: () => clock.now() + this.skewMsOf(instance),
      monotonicMs: () => clock.monotonicMs(),
    }
    return { ...environment, clock: hostClock, log: (line) => log({ ...line, service: instance }) }
  }
}

function drawSkew(seed: number): number {
  const chance = createChance(seed)
  return chance.pick([-1, 1]) * chance.pick([0, chance.whole(1, 5_000), chance.whole(1, skewMsMax)])
}

// FNV-1a: Fowler, Noll and Vo, "The FNV Non-Cryptographic Hash Algorithm" (RFC 9923).
function numberOf(text: string): number {
  let hash = 0x811c9dc5
  for (const unit of text) hash = Math.imul(hash ^ (unit.codePointAt(0) ?? 0), 0x01000193)
  return hash
}
