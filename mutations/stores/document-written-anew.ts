// The documents of rows are written anew instead of keeping their text.
import type { Mutation } from '../mutation.ts'

export const mutation: Mutation = {
  effect: 'The documents of rows are written anew instead of keeping their text.',
  traps: ['payload-changed'],
  promises: [],
  file: 'drivers/sqlite/src/sqlite-commit.ts',
  find: 'table.put.run(key, own, schemaVersion, json, ...columns.map(bindable))',
  replace: 'table.put.run(key, own, schemaVersion, JSON.stringify(JSON.parse(json)), ...columns.map(bindable))',
  test: {
    file: 'drivers/sqlite/test/conformance.test.ts',
    title:
      'sqlite, process-crash: store conformance > Hostile input > the documents of rows come back byte for byte: NUL, duplicate members, order, numbers, __proto__, a megabyte [trap: payload-changed]',
  },
}
