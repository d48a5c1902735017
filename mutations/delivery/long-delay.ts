// A delay longer than a timer takes fires at once.
import type { Mutation } from '../mutation.ts'

export const mutation: Mutation = {
  effect: 'A delay longer than a timer takes fires at once.',
  traps: ['timers'],
  promises: ['P3'],
  file: 'adapters/node/src/host/node-scheduler.ts',
  find: 'Math.min(Math.max(0, delayMs), delayMsMax)',
  replace: 'delayMs',
  test: {
    file: 'adapters/node/src/host/node-host.test.ts',
    title: 'a timer for longer than Node can take does not fire at once, and is cancelled [trap: timers]',
  },
}
