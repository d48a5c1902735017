// P1: whoever sends a command is told that it was accepted or why it was not. A function that throws says neither: what it threw is a mistake in it,
// and where every command throws, no other promise is put to the test.

import type { Checker } from './checker.ts'

export const commandsEndWell: Checker = {
  name: 'commands-end-well',
  promise: 'A command is accepted or rejected: its function does not throw.',
  at: 'rest',
  check: ({ commands }) =>
    commands.flatMap(({ command, service, correlationId, error, threw }) =>
      threw ? [`${command} of ${service} (${correlationId}) threw: ${error}`] : [],
    ),
}
