// A SQLite that can corrupt its own log is accepted.
import type { Mutation } from '../mutation.ts'

export const mutation: Mutation = {
  effect: 'A SQLite that can corrupt its own log is accepted.',
  traps: ['fsync'],
  promises: ['P2'],
  file: 'drivers/sqlite/src/sqlite-connection.ts',
  find: "sqliteVersionMin = '3.51.3'",
  replace: "sqliteVersionMin = '3.51.0'",
  test: {
    file: 'drivers/sqlite/test/durability.test.ts',
    title: 'SQLite 3.51.2 is refused [trap: fsync]',
  },
}
