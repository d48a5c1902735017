// What waits behind a parked event is kept from the last to the first.
import type { Mutation } from '../mutation.ts'

export const mutation: Mutation = {
  effect: 'What waits behind a parked event is kept from the last to the first.',
  traps: ['poison'],
  promises: ['P5'],
  file: 'packages/tidings/src/runtime/held-events.ts',
  find: 'else events.push(held)',
  replace: 'else events.unshift(held)',
  test: {
    file: 'packages/testing/test/promises/p5-poison.test.ts',
    title:
      'P5 (memory, outbox read): a redrive says what it will do, keeps the order, and parks again what fails again [trap: poison]',
  },
}
