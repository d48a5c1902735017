// What the world outside does with a system: commands at the services' own doors, and time that passes, as plain data.

import { type CommandContract, type CommandInput, type Duration, durationMs } from 'tidings'
import type { ServiceName } from '../../session/index.ts'

/** A step of a workload: a command that is sent, or time that passes. */
export type WorkloadStep = CommandStep | WaitStep

/** A command that a workload sends. */
export interface CommandStep {
  readonly service: string
  readonly command: string
  readonly input: unknown
  /** Steps of one lane are sent one after the other; other lanes go on meanwhile. Default: the command's own. */
  readonly lane: string | undefined
  /** When its matter occurred, in milliseconds since 1970. Default: when it is sent. */
  readonly occurredAt: number | undefined
  readonly principal: string | undefined
}

/** Time that passes in which a workload sends nothing. */
export interface WaitStep {
  readonly waitMs: number
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
): CommandStep {
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

/**
 * A step in which nothing is sent: `wait({ minutes: 10 })`. Timers come due meanwhile, and faults strike; the time is simulated and costs next
 * to nothing.
 */
export function wait(duration: Duration): WaitStep {
  return { waitMs: durationMs(duration) }
}
