// A read that was cut off says that it has looked at everything.
import type { Mutation } from '../mutation.ts'

export const mutation: Mutation = {
  effect: 'A read that was cut off says that it has looked at everything.',
  traps: ['progress-too-far'],
  promises: ['P2'],
  file: 'drivers/sqlite/src/sqlite-log.ts',
  find: 'return { epoch, events, next: formatPosition(upTo), head: formatPosition(head) }',
  replace: 'return { epoch, events, next: formatPosition(head), head: formatPosition(head) }',
  test: {
    file: 'drivers/sqlite/test/log.test.ts',
    title: 'Ordering: a filtered read looks at as many events as it may and moves no further [trap: progress-too-far]',
  },
}
