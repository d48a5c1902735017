// A host name that was made to point here may call.
import type { Mutation } from '../mutation.ts'

export const mutation: Mutation = {
  effect: 'A host name that was made to point here may call.',
  traps: ['access'],
  promises: ['P12'],
  file: 'adapters/node/src/http/access.ts',
  find: 'if (name === undefined || !(loopbackNames.includes(name) || policy.hosts.includes(name)))',
  replace: 'if (name === undefined)',
  test: {
    file: 'adapters/node/src/http/access.test.ts',
    title: 'P12: {"host":"evil.example"} is refused [trap: access]',
  },
}
