// An owner that cannot serve is taken for poison.
import type { Mutation } from '../mutation.ts'

export const mutation: Mutation = {
  effect: 'An owner that cannot serve is taken for poison.',
  traps: ['poison'],
  promises: ['P5'],
  file: 'packages/tidings/src/runtime/judge-failure.ts',
  find: "const counted = retry === 'backoff' || retry === 'never'",
  replace: "const counted = retry !== 'wait'",
  test: {
    file: 'packages/testing/test/promises/p5-unavailable.test.ts',
    title:
      'P5 (memory, outbox read): the owner of a lookup is down: the subscription pauses and nothing is counted [trap: poison]',
  },
}
