// A key may hold a line break.
import type { Mutation } from '../mutation.ts'

export const mutation: Mutation = {
  effect: 'A key may hold a line break.',
  traps: ['names'],
  promises: ['P11'],
  file: 'packages/tidings/src/contracts/names.ts',
  find: 'return !refusedInKeys.test(text) && ',
  replace: 'return ',
  test: {
    file: 'packages/tidings/src/contracts/cloudevents.test.ts',
    title: 'what is refused, with INVALID_ENVELOPE > the key "a\\nb" [trap: names]',
  },
}
