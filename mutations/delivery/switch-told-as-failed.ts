// A switch that may have been applied is told as failed.
import type { Mutation } from '../mutation.ts'

export const mutation: Mutation = {
  effect: 'A rebuild that has switched over is told as failed where its last commit was, though it was applied.',
  traps: ['ambiguous-commit'],
  promises: ['P7'],
  file: 'packages/tidings/src/runtime/rebuild-read-model.ts',
  find: 'if (core.generations.of(readModel).generation !== generation) throw error',
  replace: 'if (core.generations.of(readModel).generation !== 0) throw error',
  test: {
    file: 'packages/testing/test/promises/p7-rebuildable.test.ts',
    title:
      'P7 (memory, outbox read): a switch that was applied but told as failed has switched, and nobody is told otherwise [trap: ambiguous-commit]',
  },
}
