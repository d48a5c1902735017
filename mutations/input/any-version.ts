// A contract may begin with any version.
import type { Mutation } from '../mutation.ts'

export const mutation: Mutation = {
  effect: 'A contract may begin with any version.',
  traps: ['payloads'],
  promises: ['P11'],
  file: 'packages/tidings/src/contracts/versions.ts',
  find: '  if (version !== 1)\n    throw',
  replace: '  if (Number.isNaN(version))\n    throw',
  test: {
    file: 'packages/testing/test/hostile/contracts.test.ts',
    title:
      'P11: the versions of its kind (event) are 1, 2, 3, each with a schema, or it is refused where it is defined [trap: payloads]',
  },
}
