// An event that claims to be readable from a version that is none is read.
import type { Mutation } from '../mutation.ts'

export const mutation: Mutation = {
  effect: 'An event that claims to be readable from a version that is none is read.',
  traps: ['upcaster'],
  promises: ['P8'],
  file: 'packages/tidings/src/contracts/versions.ts',
  find: 'if (stored.readableFrom >= 1 && stored',
  replace: 'if (stored',
  test: {
    file: 'packages/testing/test/hostile/versions.test.ts',
    title:
      'P8 (memory, outbox read): an event of any version is read as it says it can be, or is held with its key and a code [trap: upcaster, payloads]',
  },
}
