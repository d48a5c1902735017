// Whatever is said of a command goes into its events.
import type { Mutation } from '../mutation.ts'

export const mutation: Mutation = {
  effect: 'Whatever is said of a command goes into its events.',
  traps: ['payloads', 'names'],
  promises: ['P11'],
  file: 'packages/tidings/src/runtime/handle-command.ts',
  find: '  checkOrigin(options)\n',
  replace: '  if (occurredAt === undefined) checkOrigin(options)\n',
  test: {
    file: 'packages/testing/test/hostile/payloads.test.ts',
    title:
      'P11 (memory, outbox read): who sends a command, and all else that is said of it, is carried as it is or refused with a code [trap: payloads, names]',
  },
}
