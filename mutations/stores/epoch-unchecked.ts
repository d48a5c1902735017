// A consumer goes on behind a restored publisher, although it has heard what is gone.
import type { Mutation } from '../mutation.ts'

export const mutation: Mutation = {
  effect: 'A consumer goes on behind a restored publisher, although it has heard what is gone.',
  traps: ['restored-store'],
  promises: ['P2'],
  file: 'packages/tidings/src/runtime/check-epoch.ts',
  find: 'if (kept === undefined || lane.seen > kept) {',
  replace: 'if (kept === undefined && lane.seen > lane.seen) {',
  test: {
    file: 'packages/testing/test/promises/p2-epochs.test.ts',
    title:
      'P2 (memory, outbox read): a restored publisher stops its consumers; accepted from what was kept, they lose nothing [trap: restored-store]',
  },
}
