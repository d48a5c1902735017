// What is tried again is committed although another runtime has taken over.
import type { Mutation } from '../mutation.ts'

export const mutation: Mutation = {
  effect: 'What is tried again is committed although another runtime has taken over.',
  traps: ['zombie'],
  promises: ['P3'],
  file: 'packages/tidings/src/runtime/retry-held.ts',
  find: '  lane.stage(unit, lane.progress)\n  const result = await lane.commit(unit, lane.progress)\n  if (!result.committed) return false',
  replace:
    '  unit.putDocument("tidings.progress", lane.key, lane.progress)\n  const result = await lane.commit(unit, lane.progress)\n  if (!result.committed) return false',
  test: {
    file: 'packages/testing/test/promises/p3-inbox.test.ts',
    title:
      'P3 (memory, outbox read): who was replaced while it tried again takes nothing from its successor [trap: zombie]',
  },
}
