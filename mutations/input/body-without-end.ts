// A body that declares no length may be a thousand times as long.
import type { Mutation } from '../mutation.ts'

export const mutation: Mutation = {
  effect: 'A body that declares no length may be a thousand times as long.',
  traps: ['payloads'],
  promises: ['P11'],
  file: 'adapters/node/src/http/read-json.ts',
  find: 'if (bytes > bodyBytesMax) throw tooLarge(bodyBytesMax)',
  replace: 'if (bytes > bodyBytesMax * 1_000) throw tooLarge(bodyBytesMax)',
  test: {
    file: 'adapters/node/src/http/read-json.test.ts',
    title: 'P11: a body without a declared length is cut off where it passes the limit [trap: payloads]',
  },
}
