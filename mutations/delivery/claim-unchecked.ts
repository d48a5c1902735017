// A timer that is cancelled or set anew while it is moved to its lane is moved all the same.
import type { Mutation } from '../mutation.ts'

export const mutation: Mutation = {
  effect: 'A timer that is cancelled or set anew while it is moved to its lane is moved all the same.',
  traps: ['timers'],
  promises: ['P3'],
  file: 'packages/tidings/src/runtime/agenda/claim-due.ts',
  find: 'unit.check({ table: systemTables.agenda, key: item.id, revision })',
  replace: '',
  test: {
    file: 'packages/testing/test/promises/p3-due-once.test.ts',
    title:
      'P3 (memory, outbox read): a timer that is cancelled or set anew while it is moved to its lane does not fire for what was set before [trap: timers]',
  },
}
