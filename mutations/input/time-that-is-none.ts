// An event may have occurred at no time at all.
import type { Mutation } from '../mutation.ts'

export const mutation: Mutation = {
  effect: 'An event may have occurred at no time at all.',
  traps: ['payloads'],
  promises: ['P11'],
  file: 'packages/tidings/src/runtime/origin.ts',
  find: 'if (!Number.isNaN(occurredAt)) return occurredAt',
  replace: 'return occurredAt',
  test: {
    file: 'packages/testing/test/promises/p12-guarded.test.ts',
    title:
      'P11 (memory, outbox read): a time that is none, said of an event or a command, is refused with its code [trap: payloads]',
  },
}
