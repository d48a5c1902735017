// Timers that a history has set fire before the rest of it is heard.
import type { Mutation } from '../mutation.ts'

export const mutation: Mutation = {
  effect: 'Timers that a history has set fire before the rest of it is heard.',
  traps: ['timers', 'replay-storm'],
  promises: ['P3'],
  file: 'packages/tidings/src/runtime/create-service.ts',
  find: "const before = heard.filter((other) => lane.kind === 'timers' && other.lane.subscriber === lane.subscriber)",
  replace:
    "const before = heard.filter((other) => lane.kind === 'effects' && other.lane.subscriber === lane.subscriber)",
  test: {
    file: 'packages/testing/test/promises/p3-processes.test.ts',
    title:
      'P3 (memory, outbox read): timers that came due in the course of a history wait until their lane has heard it [trap: timers, replay-storm]',
  },
}
