// What a schema throws gets out as it is.
import type { Mutation } from '../mutation.ts'

export const mutation: Mutation = {
  effect: 'What a schema throws gets out as it is.',
  traps: ['payloads'],
  promises: ['P11'],
  file: 'packages/tidings/src/contracts/schema.ts',
  find: "throw new TidingsError('INVALID_PAYLOAD', `${what} is not valid: its schema threw.`, { cause })",
  replace: 'throw cause',
  test: {
    file: 'packages/testing/test/hostile/contracts.test.ts',
    title:
      'P11 (memory, outbox read): a schema or a key that misbehaves refuses with a code, leaves nothing, and the next is accepted [trap: payloads]',
  },
}
