// P1: a command is answered with "accepted" or with the reason why not. If its function throws, it gets neither answer: that is a bug in
// the function, and if every command throws, no other promise is tested.

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
