// Declares how an effect is performed: the one place where a service's code may use the outside world.

import {
  checkSimpleName,
  type EffectContract,
  type EffectData,
  type EffectOutcome,
  type EffectPerformed,
} from '../contracts/index.ts'
import { checkObject, shownValue, TidingsError } from '../errors/index.ts'
import { checkRun, checkUses } from './check-uses.ts'
import type { OutcomeContext, PerformContext, ServiceTypes } from './context.ts'
import type { EffectDeclaration } from './declarations.ts'
import type { NamedCommand, NamedEffect, PublishedEvent, Uses } from './declared-use.ts'
import { delayMsMax } from './limits.ts'

/** What `perform` returns; nothing if the effect has no outcome. */
export type PerformAnswer<E extends EffectContract> =
  undefined extends EffectPerformed<E> ? EffectPerformed<E> | void : EffectPerformed<E>

/** Options of an effect's handler. */
export interface EffectHandlerOptions<
  E extends EffectContract,
  S extends ServiceTypes,
  Published extends string = string,
  Executed extends string = string,
  Requested extends string = string,
> {
  /** The events that `outcome` may publish. */
  readonly publishes?: readonly PublishedEvent<Published>[]
  /** The commands of its own service that `outcome` may execute. */
  readonly executes?: readonly NamedCommand<Executed>[]
  /** The effects that `outcome` may request. */
  readonly requests?: readonly NamedEffect<Requested>[]
  /**
   * Performs the effect. It is the only function that may use the outside world. It may run more than once (after a crash or a lost answer),
   * each time with the same idempotency key. If it throws, the effect is retried after growing delays, then parked; if it throws
   * `EFFECT_REFUSED`, the effect is parked at once.
   */
  readonly perform: (data: EffectData<E>, context: PerformContext) => PerformAnswer<E> | Promise<PerformAnswer<E>>
  /** Handles the outcome: publishes an event, writes to tables. Its changes are committed exactly once. */
  readonly outcome?: (
    outcome: EffectOutcome<E>,
    context: OutcomeContext<S, Uses<Published, Executed, never, Requested>, EffectData<E>>,
  ) => void | Promise<void>
  /** The name that the effect had before: what was requested under it is performed, and what is parked under it can be redriven. */
  readonly was?: string
  /**
   * The most milliseconds one attempt may take. Where instances share a store, the next one waits for as long if an instance dies during an attempt. Default:
   * 10,000.
   */
  readonly timeoutMs?: number
  /** The number of attempts before the effect is parked, including the first. Default: 10. */
  readonly attemptsMax?: number
  /** The most keys whose effects are performed in parallel. Default: 16. */
  readonly inParallelMax?: number
  /** The circuit breaker: after `failures` failed attempts in a row it stops all attempts for `pauseMs`, then tries one. Default: 5 failures, 30,000 ms. */
  readonly breaker?: { readonly failures: number; readonly pauseMs: number }
}

const effectDefaults = { timeoutMs: 10_000, attemptsMax: 10, inParallelMax: 16 } as const
const breakerDefault = { failures: 5, pauseMs: 30_000 } as const

/** Declares how an effect is performed; throws `INVALID_CONTRACT`. */
export function declareEffect(
  service: string,
  effect: EffectContract,
  options: EffectHandlerOptions<EffectContract, ServiceTypes>,
): EffectDeclaration {
  checkUses(`effect ${effect.name} of ${service}`, options)
  checkRun(`effect ${effect.name} of ${service}`, options.perform, 'perform: async (data, context) => { … }')
  if (options.outcome !== undefined)
    checkRun(
      `the outcome of effect ${effect.name} of ${service}`,
      options.outcome,
      'outcome: (outcome, context) => { … }',
    )
  if (options.was !== undefined) checkSimpleName('effect', options.was)
  if (options.breaker !== undefined)
    checkObject(options.breaker, {
      what: `\`breaker\` of effect ${effect.name} of ${service}`,
      hint: 'Write `breaker: { failures: 5, pauseMs: 30_000 }`.',
    })
  const { publishes = [], executes = [], requests = [], breaker = breakerDefault, perform, outcome } = options
  const timeoutMs = options.timeoutMs ?? effectDefaults.timeoutMs
  const attemptsMax = options.attemptsMax ?? effectDefaults.attemptsMax
  const inParallelMax = options.inParallelMax ?? effectDefaults.inParallelMax
  const numbers = { timeoutMs, attemptsMax, inParallelMax, failures: breaker.failures, pauseMs: breaker.pauseMs }
  for (const [option, value] of Object.entries(numbers)) {
    if (!Number.isSafeInteger(value) || value < 1 || (option.endsWith('Ms') && value > delayMsMax)) {
      throw new TidingsError(
        'INVALID_CONTRACT',
        `Effect ${effect.name} of ${service} sets ${option} to ${shownValue(value)}; it must be a whole number of at least 1${option.endsWith('Ms') ? ` and at most ${delayMsMax}` : ''}.`,
      )
    }
  }
  const parts = { was: options.was, publishes, executes, requests, timeoutMs, attemptsMax, inParallelMax, breaker }
  return { kind: 'effect-handler', service, effect, ...parts, perform: perform as never, outcome: outcome as never }
}
