// The running shop as those see it who send it commands and watch it: commands, queries, how it stands. Where its services run, in
// this process or in others, does not show.
import type { QueryContract, QueryInput, QueryOutput } from 'tidings'
import type { ServiceStatus } from 'tidings/runtime'
import type { Step } from '../steps/step.ts'
import type { Sent } from './sent.ts'

/** A running shop. */
export interface Shop {
  /** Where its HTTP API is; `null` if it has none. */
  readonly httpUrl: string | null
  /** Sends a step to its service, again and again until it is answered. */
  send(step: Step, signal?: AbortSignal): Promise<Sent>
  /** Asks a service a query. */
  ask<Q extends QueryContract>(query: Q, input: QueryInput<Q>): Promise<QueryOutput<Q>>
  /** How the services stand that answer just now. */
  status(): Promise<readonly ServiceStatus[]>
  /** How many events of each type the services' own histories hold. */
  countEvents(): Promise<Readonly<Record<string, number>>>
  /** How many events subscribers hold: parked ones, and those behind them. */
  countDeferred(): Promise<number>
  /** Resolves when there is nothing left to do; throws `TIMED_OUT`. */
  settled(timeoutMs: number): Promise<void>
  /** Stops the services after what is under way. */
  close(): Promise<void>
}
