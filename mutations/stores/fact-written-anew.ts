// The data of facts are written anew instead of keeping their text.
import type { Mutation } from '../mutation.ts'

export const mutation: Mutation = {
  effect: 'The data of facts are written anew instead of keeping their text.',
  traps: ['payload-changed'],
  promises: [],
  file: 'drivers/sqlite/src/sqlite-streams.ts',
  find: '          fact.data,',
  replace: '          JSON.stringify(JSON.parse(fact.data)),',
  test: {
    file: 'drivers/sqlite/test/conformance.test.ts',
    title:
      'sqlite, process-crash: store conformance > Hostile input > the data of facts come back byte for byte [trap: payload-changed]',
  },
}
