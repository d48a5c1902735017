// A caller is told what failed inside.
import type { Mutation } from '../mutation.ts'

export const mutation: Mutation = {
  effect: 'A caller is told what failed inside.',
  traps: ['access'],
  promises: ['P12'],
  file: 'adapters/node/src/http/problem.ts',
  find: "if (!isTidingsError(error)) return inner('HANDLER_FAILED', what)",
  replace: "if (!isTidingsError(error)) return { ...inner('HANDLER_FAILED', what), detail: String(error) }",
  test: {
    file: 'adapters/node/test/doors.test.ts',
    title: 'a failing handler says nothing of the inside to the caller, and everything to the log [trap: access]',
  },
}
