// The log writes payloads anew instead of keeping their text.
import type { Mutation } from '../mutation.ts'

export const mutation: Mutation = {
  effect: 'The log writes payloads anew instead of keeping their text.',
  traps: ['payload-changed'],
  promises: ['P11'],
  file: 'drivers/sqlite/src/sqlite-log.ts',
  find: '        event.data,\n',
  replace: '        event.data === null ? null : JSON.stringify(JSON.parse(event.data)),\n',
  test: {
    file: 'drivers/sqlite/test/log.test.ts',
    title: 'events come back byte for byte [trap: payload-changed]',
  },
}
