// What newer code has set for later is read by older code as if it were its own.
import type { Mutation } from '../mutation.ts'

export const mutation: Mutation = {
  effect: 'What newer code has set for later is read by older code as if it were its own.',
  traps: ['upcaster', 'timers'],
  promises: ['P8'],
  file: 'packages/tidings/src/runtime/agenda/agenda-item.ts',
  find: 'if (item.version === chain.latest.version) return data',
  replace: 'if (item.version >= chain.latest.version) return data',
  test: {
    file: 'packages/testing/test/promises/p8-rolled-back.test.ts',
    title:
      'P8 (memory, outbox read): timers and effects that newer code has set wait while older code runs, and come once when it is back [trap: upcaster, timers]',
  },
}
