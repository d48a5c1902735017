// A lane commits although another runtime has moved its progress.
import type { Mutation } from '../mutation.ts'

export const mutation: Mutation = {
  effect: 'A lane commits although another runtime has moved its progress.',
  traps: ['zombie'],
  promises: ['P3'],
  file: 'packages/tidings/src/runtime/lane-state.ts',
  find: 'unit.check({ table: systemTables.progress, key: this.key, revision: this.#revision })',
  replace: '',
  test: {
    file: 'packages/testing/test/promises/p3-once-in-effect.test.ts',
    title: 'P3 (memory, outbox read): a runtime that slept through its replacement is fenced off [trap: zombie]',
  },
}
