// A payload may hold a member named __proto__.
import type { Mutation } from '../mutation.ts'

export const mutation: Mutation = {
  effect: 'A payload may hold a member named __proto__.',
  traps: ['payloads'],
  promises: ['P11'],
  file: 'packages/tidings/src/contracts/json.ts',
  find: "if (name === '__proto__') refuse(what, path, 'a member named __proto__')",
  replace: '',
  test: {
    file: 'packages/testing/test/promises/p11-doors.test.ts',
    title: 'P11 (memory, outbox read): bad input gets its code at the door, and nothing else happens [trap: payloads]',
  },
}
