// A body that declares no length is read to its end.
import type { Mutation } from '../mutation.ts'

export const mutation: Mutation = {
  effect: 'A body that declares no length is read to its end.',
  traps: ['payloads'],
  promises: ['P11'],
  file: 'adapters/node/src/http/read-json.ts',
  find: 'if (bytes > bodyBytesMax) throw tooLarge(bodyBytesMax)',
  replace: '',
  test: {
    file: 'adapters/node/src/http/read-json.test.ts',
    title: 'P11: a body without a declared length is cut off where it passes the limit [trap: payloads]',
  },
}
