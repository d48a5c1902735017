// A stream stays in memory although nobody knows whether an append to it was applied.
import type { Mutation } from '../mutation.ts'

export const mutation: Mutation = {
  effect: 'A stream that was read, and is not what it was thought to be, stays in memory.',
  traps: ['ambiguous-commit'],
  promises: ['P6'],
  file: 'packages/tidings/src/runtime/service-core.ts',
  find: 'for (const { category, stream } of unit.loadedStreams()) this.streams.drop(category, stream)',
  replace: '',
  test: {
    file: 'packages/testing/test/simulation/found.test.ts',
    title: 'P6: a stream whose append was applied but told as failed is read anew [trap: ambiguous-commit]',
  },
}
