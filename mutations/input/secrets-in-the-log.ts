// Passwords and tokens are written into the log.
import type { Mutation } from '../mutation.ts'

export const mutation: Mutation = {
  effect: 'Passwords and tokens are written into the log.',
  traps: ['access'],
  promises: ['P12'],
  file: 'adapters/node/src/host/log-sink.ts',
  find: 'paths: [...secretPaths, ...(options.redact ?? [])]',
  replace: 'paths: [...(options.redact ?? [])]',
  test: {
    file: 'adapters/node/src/host/node-host.test.ts',
    title:
      'log lines are JSON with level, time, service and fields, and secrets are blanked at any of three levels [trap: access]',
  },
}
