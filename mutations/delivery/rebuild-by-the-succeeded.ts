// A process goes on with its rebuild although another run has begun on its store.
import type { Mutation } from '../mutation.ts'

export const mutation: Mutation = {
  effect: 'A process begins a rebuild, and switches over to it, although another run has begun on its store.',
  traps: ['zombie'],
  promises: ['P7'],
  file: 'packages/tidings/src/runtime/note-run.ts',
  find: 'if (core.runRevision !== undefined)',
  replace: 'if (core.runRevision === 0)',
  test: {
    file: 'packages/testing/test/simulation/found.test.ts',
    title: 'P7: a rebuild that a process would begin after it was succeeded is none [trap: zombie]',
  },
}
