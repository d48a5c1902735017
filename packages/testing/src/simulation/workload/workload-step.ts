// A workload as plain data: the commands that are sent to a system, and the time that passes between them.

import type { CommandContract, CommandInput, Duration, PrincipalInput } from 'tidings'
import { durationMs } from 'tidings/contracts'
import type { ServiceName } from '../../session/index.ts'
import type { Chance } from '../random/chance.ts'

/** A step of a workload: a command that is sent, or time that passes. */
export type WorkloadStep = CommandStep | WaitStep

/** A command that a workload sends. */
export interface CommandStep {
  readonly service: string
  readonly command: string
  readonly input: unknown
  /** Commands of one sequence are sent one after the other; sequences run side by side. Default: one for each service and key. */
  readonly sequence: string | undefined
  /** The business time of the command, in milliseconds since 1970. Default: when it is sent. */
  readonly occurredAt: number | undefined
  readonly principal: PrincipalInput | undefined
}

/** Time that passes while a workload sends nothing. */
export interface WaitStep {
  readonly waitMs: number
}

/** What a workload is generated with. */
export interface WorkloadTools {
  /** Random choices that follow from the seed; a workload that uses another source cannot be replayed. */
  readonly random: Chance
  /** The seed itself, for generators that take one. */
  readonly seed: number
}

/** What you can set for a command besides its input. */
export interface SendOptions {
  /** Commands of one sequence, such as those of one order, are sent one after the other. Default: one for each service and key. */
  readonly sequence?: string
  /** The business time of the command. Default: when it is sent. */
  readonly occurredAt?: Date
  /** Who sends it: an id, or an id with tenant, roles and claims. Default: nobody. */
  readonly principal?: PrincipalInput
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
    sequence: options.sequence,
    occurredAt: options.occurredAt?.getTime(),
    principal: options.principal,
  }
}

/**
 * A step in which nothing is sent: `wait({ minutes: 10 })`. Timers come due meanwhile, and faults begin; the time is simulated and costs next
 * to nothing.
 */
export function wait(duration: Duration): WaitStep {
  return { waitMs: durationMs(duration) }
}
