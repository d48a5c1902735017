// From when on effects are wanted is decided anew at each start.
import type { Mutation } from '../mutation.ts'

export const mutation: Mutation = {
  effect: 'From when on effects are wanted is decided anew at each start.',
  traps: ['replay-storm'],
  promises: ['P7'],
  file: 'packages/tidings/src/runtime/agenda/first-runs.ts',
  find: 'const at = kept?.document.at ?? core.host.clock.now()',
  replace: 'const at = core.host.clock.now()',
  test: {
    file: 'packages/testing/test/promises/p3-effects.test.ts',
    title:
      'P7 (memory, outbox read): a catch-up performs effects from its first run on, which is kept [trap: replay-storm]',
  },
}
