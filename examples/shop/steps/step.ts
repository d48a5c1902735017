// A step: one command to one service. The importer and the generator make steps; `run/` sends them.
// Invariant: steps of one sequence are sent one after the other; several sequences may be sent at the same time.
import type { CommandContract, CommandInput } from 'tidings'

/** One command of a service. */
export interface Step {
  /** The service: `orders`. */
  readonly service: string
  /** The command's name: `place-order`. */
  readonly command: string
  /** The command's input: plain JSON. */
  readonly input: unknown
  /** When it happened in the shop, in milliseconds since 1970 (UTC). */
  readonly occurredAt: number
  /** The same each time the same step is sent. */
  readonly idempotencyKey: string
  /** Steps with the same sequence are sent in order: the id of an order. */
  readonly sequence: string
}

/** Makes a step; the compiler checks the input against the command. */
export function stepOf<C extends CommandContract>(
  service: string,
  command: C,
  input: CommandInput<C>,
  rest: Pick<Step, 'occurredAt' | 'idempotencyKey' | 'sequence'>,
): Step {
  return { service, command: command.name, input, ...rest }
}
