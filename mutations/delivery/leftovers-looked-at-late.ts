// Which tables are left over is looked at after the state was read.
import type { Mutation } from '../mutation.ts'

export const mutation: Mutation = {
  effect: 'A process that is paused in its own start drops the tables that its successor has begun to fill meanwhile.',
  traps: ['zombie'],
  promises: ['P7'],
  file: 'packages/tidings/src/runtime/read-models.ts',
  find: 'for (const other of generationsAmong(names, readModel))',
  replace: 'for (const other of generationsAmong(await store.tableNames(), readModel))',
  test: {
    file: 'packages/testing/test/promises/p7-rebuildable.test.ts',
    title:
      'P7 (memory, outbox read): a process that was paused in its own start takes nothing from its successor [trap: zombie]',
  },
}
