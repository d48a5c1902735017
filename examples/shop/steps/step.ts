// A step: one command of one service. The importer and the generator both make steps; who sends them is another
// matter. Invariant: steps of one sequence are sent one after the other; sequences may go side by side.
import type { CommandContract, CommandInput } from 'tidings'

/** One command of a service. */
export interface Step {
  /** The service: `orders`. */
  readonly service: string
  /** The command's name: `place-order`. */
  readonly command: string
  /** What the command takes: plain JSON. */
  readonly input: unknown
  /** When it happened in the shop, in milliseconds since 1970 (UTC). */
  readonly occurredAt: number
  /** The same for the same thing, whenever and however often it is sent. */
  readonly idempotencyKey: string
  /** Steps of one sequence keep their order: an order's id. */
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
