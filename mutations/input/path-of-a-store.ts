// The name of a service may lead out of the folder of its store.
import type { Mutation } from '../mutation.ts'

export const mutation: Mutation = {
  effect: 'The name of a service may lead out of the folder of its store.',
  traps: ['names'],
  promises: ['P12'],
  file: 'drivers/sqlite/src/sqlite-files.ts',
  find: "checkName('service', service)",
  replace: 'void checkName',
  test: {
    file: 'drivers/sqlite/test/lock.test.ts',
    title: 'the service name "../orders" cannot leave the folder [trap: names]',
  },
}
