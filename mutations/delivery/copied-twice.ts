// A broker takes an event once more that it holds already.
import type { Mutation } from '../mutation.ts'

export const mutation: Mutation = {
  effect: 'A broker takes an event once more that it holds already.',
  traps: ['order-lost'],
  promises: ['P2', 'P3', 'P4'],
  file: 'packages/tidings/src/memory/memory-log.ts',
  find: 'if (event.position > this.head) this.#events.push',
  replace: 'this.#events.push',
  test: {
    file: 'packages/testing/test/promises/p2-relays.test.ts',
    title: 'P2 P3 P4 (memory, relayed): two relays at once copy each event once, in order [trap: order-lost]',
  },
}
