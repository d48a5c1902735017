// A read model that another runtime has switched over is still written.
import type { Mutation } from '../mutation.ts'

export const mutation: Mutation = {
  effect: 'A read model that another runtime has switched over is still written.',
  traps: ['zombie'],
  promises: ['P7'],
  file: 'packages/tidings/src/runtime/lane-state.ts',
  find: 'unit.check({ table: systemTables.readModels, key: readModel.subscriber, revision: this.#generationsRevision })',
  replace: '',
  test: {
    file: 'packages/testing/test/simulation/found.test.ts',
    title:
      'P7: a rebuild that a successor has finished is not filled once more by the process that began it [trap: zombie]',
  },
}
