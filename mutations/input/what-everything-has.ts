// What every object has satisfies a schema that asks for it.
import type { Mutation } from '../mutation.ts'

export const mutation: Mutation = {
  effect: 'What every object has satisfies a schema that asks for it.',
  traps: ['payloads'],
  promises: ['P11'],
  file: 'packages/tidings/src/contracts/json.ts',
  find: "refuse(what, path, value === undefined ? 'undefined' : `a ${typeof value}`)",
  replace:
    "if (typeof value === 'function') return\n      refuse(what, path, value === undefined ? 'undefined' : `a ${typeof value}`)",
  test: {
    file: 'packages/testing/test/hostile/contracts.test.ts',
    title:
      'P11 (memory, outbox read): a schema or a key that misbehaves refuses with a code, leaves nothing, and the next is accepted [trap: payloads]',
  },
}
