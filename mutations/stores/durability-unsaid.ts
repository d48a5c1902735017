// An engine does not say what its commits outlive.
import type { Mutation } from '../mutation.ts'

export const mutation: Mutation = {
  effect: 'An engine does not say what its commits outlive.',
  traps: ['fsync'],
  promises: [],
  file: 'drivers/sqlite/src/sqlite-driver.ts',
  find: 'durability: durabilities[durability],',
  replace: "durability: 'durable',",
  test: {
    file: 'drivers/sqlite/test/durability.test.ts',
    title: 'durability power-loss > does not depend on what the file was opened with before, and is said [trap: fsync]',
  },
}
