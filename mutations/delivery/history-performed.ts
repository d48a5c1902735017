// A handler that catches up performs the effects of all history.
import type { Mutation } from '../mutation.ts'

export const mutation: Mutation = {
  effect: 'A handler that catches up performs the effects of all history.',
  traps: ['replay-storm'],
  promises: ['P7'],
  file: 'packages/tidings/src/runtime/make-context.ts',
  find: 'const wanted = this.declares.effectsFrom === undefined || this.heardAt >= this.declares.effectsFrom',
  replace: 'const wanted = true',
  test: {
    file: 'packages/testing/test/promises/p3-effects.test.ts',
    title: 'P7 (memory, outbox read): a catch-up performs effects from a moment on [trap: replay-storm]',
  },
}
