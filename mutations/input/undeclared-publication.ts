// A function may publish what it does not declare.
import type { Mutation } from '../mutation.ts'

export const mutation: Mutation = {
  effect: 'A function may publish what it does not declare.',
  traps: ['access'],
  promises: ['P12'],
  file: 'packages/tidings/src/runtime/make-context.ts',
  find: 'if (!this.declares.publishes.includes(contract)) {',
  replace: 'if (contract === undefined) {',
  test: {
    file: 'packages/testing/test/promises/p12-guarded.test.ts',
    title:
      'P12 (memory, outbox read): a function that publishes an event that it does not declare is parked, and has done nothing [trap: access]',
  },
}
