// A command asks the broker before it answers.
import type { Mutation } from '../mutation.ts'

export const mutation: Mutation = {
  effect: 'A command asks the broker before it answers.',
  traps: [],
  promises: ['P6'],
  file: 'packages/tidings/src/runtime/handle-command.ts',
  find: 'const target = commandTarget(core, name)',
  replace: 'await core.broker.published(core.service.name)\n  const target = commandTarget(core, name)',
  test: {
    file: 'packages/testing/test/promises/p6-autonomous.test.ts',
    title:
      'P6 (memory, outbox read): commands and queries are answered while the broker throws, and the outbox drains afterwards',
  },
}
