// An event that fails is tried for ever.
import type { Mutation } from '../mutation.ts'

export const mutation: Mutation = {
  effect: 'An event that fails is tried for ever.',
  traps: ['poison'],
  promises: ['P5'],
  file: 'packages/tidings/src/runtime/judge-failure.ts',
  find: "const usedUp = retry === 'backoff' && attempts >= limits.attemptsMax",
  replace: 'const usedUp = false',
  test: {
    file: 'packages/testing/test/promises/p5-poison.test.ts',
    title:
      'P5 (memory, outbox read): a poisoned event is tried with growing pauses, then parked with the later ones of its key [trap: poison]',
  },
}
