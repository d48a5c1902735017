// The running shop, for code that sends commands and watches it. It is the same whether its services run in this process or in others.
import type { QueryContract, QueryInput, QueryOutput } from 'tidings'
import type { ServiceStatus } from 'tidings/runtime'
import type { Step } from '../steps/step.ts'
import type { SendResult } from './send-result.ts'

/** A running shop. */
export interface Shop {
  /** Where its HTTP API is; `null` if it has none. */
  readonly httpUrl: string | null
  /** Sends a step to its service; retries until there is an answer. */
  send(step: Step, signal?: AbortSignal): Promise<SendResult>
  /** Sends a query to its service. */
  ask<Q extends QueryContract>(query: Q, input: QueryInput<Q>): Promise<QueryOutput<Q>>
  /** The status of each service that answers. */
  status(): Promise<readonly ServiceStatus[]>
  /** The number of events of each type in the services' histories. */
  countEvents(): Promise<Readonly<Record<string, number>>>
  /** The number of deferred events: parked ones, and those that wait behind them. */
  countDeferred(): Promise<number>
  /** Resolves when there is nothing left to do; throws `TIMED_OUT`. */
  settled(timeoutMs: number): Promise<void>
  /** Stops the services after the work in progress. */
  close(): Promise<void>
}
