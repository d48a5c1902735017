// Operations ask for no token.
import type { Mutation } from '../mutation.ts'

export const mutation: Mutation = {
  effect: 'Operations ask for no token.',
  traps: ['access'],
  promises: ['P12'],
  file: 'adapters/node/src/control/control-app.ts',
  find: "if (bearsToken(context.req.header('authorization'), token)) return next()",
  replace: 'if (token !== undefined) return next()',
  test: {
    file: 'adapters/node/test/control.test.ts',
    title: 'P12: with no token every operation is refused [trap: access]',
  },
}
