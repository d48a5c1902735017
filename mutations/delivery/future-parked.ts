// An event that is newer than the code is parked, and does not come in when the code knows it.
import type { Mutation } from '../mutation.ts'

export const mutation: Mutation = {
  effect: 'An event that is newer than the code is parked, and does not come in when the code knows it.',
  traps: ['upcaster'],
  promises: ['P8'],
  file: 'packages/tidings/src/errors/registry.ts',
  find: "VERSION_FROM_FUTURE: entry('wait',",
  replace: "VERSION_FROM_FUTURE: entry('never',",
  test: {
    file: 'packages/testing/test/promises/p8-rebuilds.test.ts',
    title:
      'P7 P8 (memory, outbox read): code that was rolled back rebuilds: what is newer than it waits with its key, and comes in when it is known again [trap: upcaster]',
  },
}
