// Who hears that a commit has failed does it once more, although it took effect.
import type { Mutation } from '../mutation.ts'

export const mutation: Mutation = {
  effect: 'Who hears that a commit has failed does it once more, although it took effect.',
  traps: ['ambiguous-commit'],
  promises: ['P3'],
  file: 'packages/tidings/src/runtime/subscription.ts',
  find: '      await lane.load().catch(() => {})\n      return',
  replace:
    '      const before = lane.progress\n      await lane.load().catch(() => {})\n      lane.progress = before\n      lane.seen = before.position\n      return',
  test: {
    file: 'packages/testing/test/promises/p3-once-in-effect.test.ts',
    title:
      'P3 (memory, outbox read): a commit that took effect but was reported as failed is not repeated [trap: ambiguous-commit]',
  },
}
