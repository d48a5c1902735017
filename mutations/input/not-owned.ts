// A service may publish the contracts of others.
import type { Mutation } from '../mutation.ts'

export const mutation: Mutation = {
  effect: 'A service may publish the contracts of others.',
  traps: ['access'],
  promises: ['P12'],
  file: 'packages/tidings/src/services/check-service.ts',
  find: 'if (contract.owner !== service.name) {',
  replace: "if (contract.owner === '') {",
  test: {
    file: 'packages/testing/test/promises/p12-guarded.test.ts',
    title:
      'P12 (memory, outbox read): a service that wants to publish, answer or show what another owns is refused where it is made [trap: access]',
  },
}
