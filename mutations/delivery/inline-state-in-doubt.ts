// The state of an inline projection stays as it was although nobody knows whether a change of it was applied.
import type { Mutation } from '../mutation.ts'

export const mutation: Mutation = {
  effect: 'The state of an inline projection that is not what it was thought to be is not read anew.',
  traps: ['ambiguous-commit'],
  promises: ['P6'],
  file: 'packages/tidings/src/runtime/service-core.ts',
  find: "if (readModel?.projection?.mode === 'inline') await this.generations.refresh(this.store, readModel)",
  replace: 'void readModel',
  test: {
    file: 'packages/testing/test/simulation/found.test.ts',
    title: 'P6: an inline projection whose rebuild was told as failed is written all the same [trap: ambiguous-commit]',
  },
}
