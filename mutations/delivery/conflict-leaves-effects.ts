// A try that met a conflict leaves behind the effects and timers that it asked for.
import type { Mutation } from '../mutation.ts'

export const mutation: Mutation = {
  effect: 'A try that met a conflict leaves behind the effects and timers that it asked for.',
  traps: ['process-race'],
  promises: ['P3'],
  file: 'packages/tidings/src/runtime/unit-of-work.ts',
  find: 'if (!this.#allows(unit)) return false',
  replace:
    "if (!this.#allows(unit)) {\n      for (const [key, row] of unit.#rows?.get('tidings.agenda') ?? []) this.#rowsOf('tidings.agenda').set(key, row)\n      return false\n    }",
  test: {
    file: 'packages/testing/test/promises/p3-process-races.test.ts',
    title:
      'P3 (memory, outbox read): inputs of one process at once decide one after the other, and say, ask and do once what they say, ask and do [trap: process-race]',
  },
}
