// An event newer than the code is read as if the code knew it.
import type { Mutation } from '../mutation.ts'

export const mutation: Mutation = {
  effect: 'An event newer than the code is read as if the code knew it.',
  traps: ['upcaster'],
  promises: ['P8'],
  file: 'packages/tidings/src/contracts/versions.ts',
  find: 'stored.readableFrom <= latest',
  replace: 'stored.readableFrom <= stored.version',
  test: {
    file: 'packages/testing/test/promises/p8-evolvable.test.ts',
    title:
      'P8 (memory, outbox read): an event newer than the code waits, visibly, and is handled in order when the code knows it [trap: upcaster]',
  },
}
