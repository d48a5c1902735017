// The commands that a service takes.

import type { CommandContract } from '../contracts/index.ts'
import type { Service } from './declarations.ts'

/** The commands that a service takes, those of its deciders included. */
export function commandsOf({ commands, deciders }: Service): readonly CommandContract[] {
  return [
    ...commands.map(({ command }) => command),
    ...deciders.flatMap(({ decider }) => Object.values(decider.commands)),
  ]
}
