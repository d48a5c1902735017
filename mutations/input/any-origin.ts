// A page of any origin may call.
import type { Mutation } from '../mutation.ts'

export const mutation: Mutation = {
  effect: 'A page of any origin may call.',
  traps: ['access'],
  promises: ['P12'],
  file: 'adapters/node/src/http/access.ts',
  find: "return { code: 'origin-refused', detail: 'The request comes from a page of another origin.' }\n  }\n  const site",
  replace: 'return undefined\n  }\n  const site',
  test: {
    file: 'adapters/node/src/http/access.test.ts',
    title: 'P12: {"host":"localhost:4747","origin":"http://evil.example"} is refused [trap: access]',
  },
}
