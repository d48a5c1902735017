// A rebuild runs its steps again on the rows that serve reads.
import type { Mutation } from '../mutation.ts'

export const mutation: Mutation = {
  effect: 'A rebuild runs its steps again on the rows that serve reads.',
  traps: ['replay-storm'],
  promises: ['P7'],
  file: 'packages/tidings/src/runtime/rebuild-read-model.ts',
  find: 'const lanes = buildReadModelLanes(core, readModel, subscriber, () => generation, generation)',
  replace: 'const lanes = buildReadModelLanes(core, readModel, subscriber, () => generation - 1, generation)',
  test: {
    file: 'packages/testing/test/promises/p7-rebuildable.test.ts',
    title:
      'P7 (memory, outbox read): totals is rebuilt while reads and appends run, and nothing is published [trap: replay-storm]',
  },
}
