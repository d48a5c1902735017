// A schema that throws ends the process.
import type { Mutation } from '../mutation.ts'

export const mutation: Mutation = {
  effect: 'A schema that throws ends the process.',
  traps: ['payloads'],
  promises: ['P11'],
  file: 'packages/tidings/src/contracts/schema.ts',
  find: 'result.catch(() => {})',
  replace: '',
  test: {
    file: 'packages/tidings/src/contracts/schema.test.ts',
    title:
      'P11: a schema that goes down too deep refuses with a code, and ends nothing behind its back [trap: payloads]',
  },
}
