// A page may run scripts of any origin.
import type { Mutation } from '../mutation.ts'

export const mutation: Mutation = {
  effect: 'A page may run scripts of any origin.',
  traps: ['access'],
  promises: ['P12'],
  file: 'adapters/node/src/pages/serve-pages.ts',
  find: '"default-src \'self\'",',
  replace: '"default-src *",',
  test: {
    file: 'adapters/node/test/pages.test.ts',
    title: 'P12: a page may use its own origin only: no script within it, and no other page frames it [trap: access]',
  },
}
