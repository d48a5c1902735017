// Text of others reaches a terminal as it came.
import type { Mutation } from '../mutation.ts'

export const mutation: Mutation = {
  effect: 'Text of others reaches a terminal as it came.',
  traps: ['access'],
  promises: ['P12'],
  file: 'packages/cli/src/terminal/safe-text.ts',
  find: 'const visible = text.replace(control, escaped)',
  replace: 'const visible = text',
  test: {
    file: 'packages/cli/src/terminal/text.test.ts',
    title: 'P12: no text can act on a terminal, however it is made [trap: access]',
  },
}
