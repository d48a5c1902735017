// An event of a version that is none is read as if it were one.
import type { Mutation } from '../mutation.ts'

export const mutation: Mutation = {
  effect: 'An event of a version that is none is read as if it were one.',
  traps: ['upcaster', 'payloads'],
  promises: ['P8'],
  file: 'packages/tidings/src/contracts/versions.ts',
  find: 'if (!Number.isSafeInteger(stored.version) || stored.version < 1)',
  replace: 'if (stored.version < 1)',
  test: {
    file: 'packages/testing/test/hostile/versions.test.ts',
    title:
      'P8 (memory, outbox read): an event of any version is read as it says it can be, or is held with its key and a code [trap: upcaster, payloads]',
  },
}
