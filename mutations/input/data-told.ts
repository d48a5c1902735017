// What holds an event tells of its data.
import type { Mutation } from '../mutation.ts'

export const mutation: Mutation = {
  effect: 'What holds an event tells of its data.',
  traps: ['access'],
  promises: ['P12'],
  file: 'packages/tidings/src/runtime/judge-failure.ts',
  find: 'return { code: error.code, message: cut(error.message),',
  replace: 'return { code: error.code, message: cut(`${error.message} ${JSON.stringify(error.details)}`),',
  test: {
    file: 'packages/testing/test/promises/p12-told.test.ts',
    title:
      'P12 (memory, outbox read): what is held, recorded, logged and listed of an event that failed tells nothing of its data [trap: access]',
  },
}
