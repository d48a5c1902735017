// Who starts again hears its history anew.
import type { Mutation } from '../mutation.ts'

export const mutation: Mutation = {
  effect: 'Who starts again hears its history anew.',
  traps: ['replay-storm'],
  promises: ['P7'],
  file: 'packages/tidings/src/runtime/lane-state.ts',
  find: 'this.progress = kept?.document ?? untouched',
  replace: "this.progress = this.kind === 'handlers' ? untouched : (kept?.document ?? untouched)",
  test: {
    file: 'packages/testing/test/promises/p3-replays.test.ts',
    title:
      'P7 (memory, outbox read): history that is read anew, by rebuilds, restarts and redrives, causes nothing a second time [trap: replay-storm]',
  },
}
