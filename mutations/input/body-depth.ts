// A body is parsed however deep it is nested.
import type { Mutation } from '../mutation.ts'

export const mutation: Mutation = {
  effect: 'A body is parsed however deep it is nested.',
  traps: ['payloads'],
  promises: ['P11'],
  file: 'adapters/node/src/http/read-json.ts',
  find: 'if (++depth > depthMax) return true',
  replace: 'if (++depth > 10_000_000) return true',
  test: {
    file: 'adapters/node/test/hostile-requests.test.ts',
    title: 'P11: a body of many levels of objects is refused [trap: payloads]',
  },
}
