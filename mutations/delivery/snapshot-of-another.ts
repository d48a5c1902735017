// A snapshot of another shape is taken for a state.
import type { Mutation } from '../mutation.ts'

export const mutation: Mutation = {
  effect: 'A snapshot of another shape is taken for a state.',
  traps: ['upcaster'],
  promises: ['P8'],
  file: 'packages/tidings/src/runtime/load-stream.ts',
  find: 'if (kept !== undefined && kept.document.shape === decider.snapshot.version) {',
  replace: 'if (kept !== undefined) {',
  test: {
    file: 'packages/testing/test/promises/p8-evolvable.test.ts',
    title:
      'P8 (memory, outbox read): old events, facts, snapshots, rows and replicas are read by new code, wherever they are read [trap: upcaster]',
  },
}
