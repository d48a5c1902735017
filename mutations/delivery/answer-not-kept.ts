// What a command was answered is not kept under its idempotency key.
import type { Mutation } from '../mutation.ts'

export const mutation: Mutation = {
  effect: 'What a command was answered is not kept under its idempotency key.',
  traps: ['ambiguous-commit'],
  promises: ['P3'],
  file: 'packages/tidings/src/runtime/handle-command.ts',
  find: 'if (recorded !== undefined) return replay(',
  replace: 'if (recorded === null) return replay(',
  test: {
    file: 'packages/testing/test/promises/p3-once-in-effect.test.ts',
    title:
      'P3 (memory, outbox read): a command whose answer was lost is answered again, not done again [trap: ambiguous-commit]',
  },
}
