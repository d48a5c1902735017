// A timer that has come due is taken from the agenda, and reaches no lane.
import type { Mutation } from '../mutation.ts'

export const mutation: Mutation = {
  effect: 'A timer that has come due is taken from the agenda, and reaches no lane.',
  traps: ['timers'],
  promises: ['P3'],
  file: 'packages/tidings/src/runtime/agenda/claim-due.ts',
  find: 'unit.putDocument(systemTables.queues, queueKey(item.queue, position), item)',
  replace: '',
  test: {
    file: 'packages/testing/test/promises/p3-due-once.test.ts',
    title:
      'P3 (memory, outbox read): killed at any commit, a timer fires once, neither lost nor doubled [trap: timers]',
  },
}
