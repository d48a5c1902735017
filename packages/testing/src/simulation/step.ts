// What the world outside asks of a system: commands at the services' own doors, as plain data.

import type { CommandContract, CommandInput } from 'tidings'
import type { ServiceName } from '../session/index.ts'

/** A command that a workload sends. */
export interface WorkloadStep {
  readonly service: string
  readonly command: string
  readonly input: unknown
  /** Steps of one lane are sent one after the other; other lanes go on meanwhile. Default: the command's own. */
  readonly lane: string | undefined
  /** When its matter occurred, in milliseconds since 1970. Default: when it is sent. */
  readonly occurredAt: number | undefined
  readonly principal: string | undefined
}

/** What may be said of a command besides its input. */
export interface SendOptions {
  /** Steps of one lane are sent one after the other, such as those of one order. Default: the service and the command's key. */
  readonly lane?: string
  /** When its matter occurred. Default: when it is sent. */
  readonly occurredAt?: Date
  /** Who sends it. Default: nobody. */
  readonly principal?: string
}

/** A command of a workload: `send(orders, PlaceOrder, { … })`. */
export function send<C extends CommandContract>(
  service: ServiceName,
  command: C,
  input: CommandInput<C>,
  options: SendOptions = {},
): WorkloadStep {
  const name = typeof service === 'string' ? service : service.name
  return {
    service: name,
    command: command.name,
    input,
    lane: options.lane,
    occurredAt: options.occurredAt?.getTime(),
    principal: options.principal,
  }
}
