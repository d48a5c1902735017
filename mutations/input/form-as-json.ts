// A form of another page is read as JSON.
import type { Mutation } from '../mutation.ts'

export const mutation: Mutation = {
  effect: 'A form of another page is read as JSON.',
  traps: ['access'],
  promises: ['P12'],
  file: 'adapters/node/src/http/read-json.ts',
  find: "if (essence?.trim() !== 'application/json' || !utf8)",
  replace: 'if (essence === undefined)',
  test: {
    file: 'adapters/node/src/http/read-json.test.ts',
    title: 'P12: the media type "text/plain", which a form could send or nobody can read, is refused [trap: access]',
  },
}
