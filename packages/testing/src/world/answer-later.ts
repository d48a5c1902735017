// Lets an engine answer later, as a database on another machine does: each call reaches its stores and its broker after some turns of the event
// loop, and so does the answer. Invariant: simulated time stands still while a call is under way.

import { setTimeout as pause, setImmediate as turn } from 'node:timers/promises'
import type { Awaitable, Engine, Random } from 'tidings/ports'

/** The most turns of the event loop that a call takes, and its answer. */
const turnsMax = 3

/** After so many turns of the event loop, a call that is under way is waited for. */
const turnsCountedMax = 1_000

/** What answers at once: a name in SQL, and what only registers a function. */
const atOnce: readonly PropertyKey[] = ['tableIdentifier', 'watch']

/** Calls that are answered later. */
export class LateCalls {
  readonly #random: Random
  #underWay = 0

  /** @param random - decides how late each is. */
  constructor(random: Random) {
    this.#random = random
  }

  /** Makes a call. */
  async make<T>(call: () => Awaitable<T>): Promise<T> {
    this.#underWay++
    try {
      await this.#pass()
      const answer = await call()
      await this.#pass()
      return answer
    } finally {
      this.#underWay--
    }
  }

  /** Resolves when all promise jobs have run and no call is under way. */
  async rest(): Promise<void> {
    for (let turns = 1; ; turns++) {
      await turn()
      if (this.#underWay === 0) return
      // A call that takes longer than turns do waits for a server: the thread rests, too.
      if (turns > turnsCountedMax) await pause(1)
    }
  }

  async #pass(): Promise<void> {
    for (let left = Math.floor(this.#random.next() * (turnsMax + 1)); left > 0; left--) await turn()
  }
}

/** An engine whose stores and broker answer later. */
export function answerLater(engine: Engine, calls: LateCalls): Engine {
  const late = <T extends object>(port: T): T =>
    new Proxy(port, {
      get: (target, name) => {
        const member: unknown = Reflect.get(target, name)
        if (typeof member !== 'function' || atOnce.includes(name)) return member
        return (...given: readonly unknown[]) => calls.make(() => Reflect.apply(member, target, given) as unknown)
      },
    })
  return {
    ...engine,
    broker: late(engine.broker),
    openStore: async (service) => late(await engine.openStore(service)),
  }
}
