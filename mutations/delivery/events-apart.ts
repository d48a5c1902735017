// Events are committed behind the state they tell of.
import type { Mutation } from '../mutation.ts'

export const mutation: Mutation = {
  effect: 'Events are committed behind the state they tell of.',
  traps: ['dual-write'],
  promises: ['P1', 'P2'],
  file: 'packages/tidings/src/runtime/service-core.ts',
  find: 'return this.store.commit(commit).then(',
  replace:
    'const { events, ...state } = commit\n    const first = events.length === 0 ? this.store.commit(commit) : this.store.commit({ ...state, events: [] })\n    return first.then((result) => (result.committed && events.length > 0 ? this.store.commit({ checks: [], rows: [], appends: [], events }) : result)).then(',
  test: {
    file: 'packages/testing/test/promises/everywhere.test.ts',
    title:
      'P1 P2 P3 P4 (memory, outbox read): killed at any commit, nothing is lost, halved, doubled or out of order [trap: dual-write]',
  },
}
