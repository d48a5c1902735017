// What fails in the course of a rebuild is passed over.
import type { Mutation } from '../mutation.ts'

export const mutation: Mutation = {
  effect: 'What fails in the course of a rebuild is passed over.',
  traps: ['upcaster'],
  promises: ['P7', 'P8'],
  file: 'packages/tidings/src/runtime/deliver-batch.ts',
  find: 'for (const event of held) lane.held.stage(batch, event)',
  replace: "if (lane.kind !== 'rebuild') for (const event of held) lane.held.stage(batch, event)",
  test: {
    file: 'packages/testing/test/promises/p8-rebuilds.test.ts',
    title:
      'P7 P8 (memory, outbox read): an upcaster that lacks a field in mid-rebuild holds its key, and nothing else [trap: upcaster]',
  },
}
