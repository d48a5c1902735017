// Names longer than 63 bytes are cut.
import type { Mutation } from '../mutation.ts'

export const mutation: Mutation = {
  effect: 'Names longer than 63 bytes are cut.',
  traps: ['names-cut'],
  promises: ['P11'],
  file: 'drivers/sqlite/src/sqlite-names.ts',
  find: "return `${name.slice(0, 46)}~${createHash('sha256').update(name).digest('hex').slice(0, 16)}`",
  replace: 'return name.slice(0, 63)',
  test: {
    file: 'drivers/sqlite/test/tables.test.ts',
    title:
      'long names that differ at the end, generations, and fields named like own columns stay apart [trap: names-cut]',
  },
}
