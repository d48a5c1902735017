// A token is sent to whatever machine a file names.
import type { Mutation } from '../mutation.ts'

export const mutation: Mutation = {
  effect: 'A token is sent to whatever machine a file names.',
  traps: ['access'],
  promises: ['P12'],
  file: 'adapters/node/src/control/run-file.ts',
  find: "isLoopback(url.hostname.replace(/^\\[(.*)\\]$/, '$1'))",
  replace: 'url.hostname !== ""',
  test: {
    file: 'adapters/node/src/control/run-file.test.ts',
    title: 'P12: another machine is left out: a token goes nowhere but to this machine [trap: access]',
  },
}
