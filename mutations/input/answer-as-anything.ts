// A browser may take an answer for a page.
import type { Mutation } from '../mutation.ts'

export const mutation: Mutation = {
  effect: 'A browser may take an answer for a page.',
  traps: ['access'],
  promises: ['P12'],
  file: 'adapters/node/src/http/edge.ts',
  find: "'content-security-policy': \"default-src 'none'; frame-ancestors 'none'\",",
  replace: '',
  test: {
    file: 'adapters/node/test/doors.test.ts',
    title: 'P12: every answer, problems too, bears the security headers [trap: access]',
  },
}
