// A text may hold half a character.
import type { Mutation } from '../mutation.ts'

export const mutation: Mutation = {
  effect: 'A text may hold half a character.',
  traps: ['payloads'],
  promises: ['P11'],
  file: 'packages/tidings/src/contracts/json.ts',
  find: "if (!value.isWellFormed()) refuse(what, path, 'a lone surrogate')",
  replace: '',
  test: {
    file: 'packages/testing/test/promises/p11-doors.test.ts',
    title: 'P11 (memory, outbox read): bad input gets its code at the door, and nothing else happens [trap: payloads]',
  },
}
