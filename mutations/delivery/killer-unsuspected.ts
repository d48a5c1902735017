// A handler that ends its process is run again at every start.
import type { Mutation } from '../mutation.ts'

export const mutation: Mutation = {
  effect: 'A handler that ends its process is run again at every start.',
  traps: ['poison'],
  promises: ['P5'],
  file: 'packages/tidings/src/runtime/suspects.ts',
  find: 'if (runs >= lane.core.service.limits.crashesMax) return await run(true)',
  replace: '',
  test: {
    file: 'packages/testing/test/promises/p5-killers.test.ts',
    title:
      'P5 (memory, outbox read): a handler that ends its process is recognised after some restarts, and parked [trap: poison]',
  },
}
