// Names follow no grammar.
import type { Mutation } from '../mutation.ts'

export const mutation: Mutation = {
  effect: 'Names follow no grammar.',
  traps: ['names'],
  promises: ['P11'],
  file: 'packages/tidings/src/contracts/names.ts',
  find: ' || !pattern.test(name)',
  replace: '',
  test: {
    file: 'packages/tidings/src/contracts/names.test.ts',
    title:
      'names > whatever passes is one token of lower-case ASCII: no subject wildcard, no path, no quote, no case, no blank [trap: names]',
  },
}
