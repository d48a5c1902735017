// Whoever is not known is let in.
import type { Mutation } from '../mutation.ts'

export const mutation: Mutation = {
  effect: 'Whoever is not known is let in.',
  traps: ['access'],
  promises: ['P12'],
  file: 'adapters/node/src/doors/doors.ts',
  find: 'if (who !== undefined) return who.principal',
  replace: 'return who?.principal ?? null',
  test: {
    file: 'adapters/node/test/doors.test.ts',
    title:
      'P12: where authorize gives undefined, commands, queries and documents are refused before a body is read [trap: access]',
  },
}
