// The pause before a retry is drawn from a chance that no seed decides.
import type { Mutation } from '../mutation.ts'

export const mutation: Mutation = {
  effect: 'The pause before a retry is drawn from a chance that no seed decides.',
  traps: [],
  promises: ['P10'],
  file: 'packages/tidings/src/runtime/judge-failure.ts',
  find: '0.2 * random.next()',
  replace: '0.2 * Math.random()',
  test: {
    file: 'packages/testing/test/session/session.test.ts',
    title: 'a session itself > P10 the same seed gives the same trace, another seed another',
  },
}
