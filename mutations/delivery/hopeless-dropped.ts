// An event that can never be handled is dropped.
import type { Mutation } from '../mutation.ts'

export const mutation: Mutation = {
  effect: 'An event that can never be handled is dropped.',
  traps: ['poison'],
  promises: ['P5'],
  file: 'packages/tidings/src/runtime/deliver-batch.ts',
  find: 'held.push(event)\n',
  replace: "if (event.state !== 'parked') held.push(event)\n",
  test: {
    file: 'packages/testing/test/promises/p5-poison.test.ts',
    title: 'P5 (memory, outbox read): what can never succeed is parked at once [trap: poison]',
  },
}
