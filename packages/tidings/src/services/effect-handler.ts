// Declaring how an effect is performed: the one place where a service's own code meets the outside world.

import type { EffectContract, EffectData, EffectOutcome } from '../contracts/index.ts'
import { TidingsError } from '../errors/index.ts'
import type { Declared, OutcomeContext, PerformContext, ServiceTypes } from './context.ts'
import type { EffectDeclaration } from './declarations.ts'
import { delayMsMax } from './limits.ts'

/** What performing an effect gives; nothing where the effect has no outcome. */
export type PerformAnswer<E extends EffectContract> =
  undefined extends EffectOutcome<E> ? EffectOutcome<E> | void : EffectOutcome<E>

/** How an effect is performed, and what its outcome leads to. */
export interface EffectHandlerOptions<S extends ServiceTypes, E extends EffectContract, O extends Declared> {
  /** What its outcome publishes; it can publish nothing else. */
  readonly publishes?: O['publishes']
  /** Commands of its own service that its outcome executes; it can execute nothing else. */
  readonly executes?: O['executes']
  /** Effects that its outcome requests; it can request nothing else. */
  readonly requests?: O['requests']
  /**
   * Does it: the only place for the outside world. It may run more than once (a crash, a lost answer), each time with the same
   * idempotency key. What it throws is tried again with growing pauses, then parked; `EFFECT_REFUSED` parks at once.
   */
  readonly perform: (data: EffectData<E>, context: PerformContext) => PerformAnswer<E> | Promise<PerformAnswer<E>>
  /** Says what came of it: publishes an event, writes to tables. Runs once in effect. */
  readonly outcome?: (outcome: EffectOutcome<E>, context: OutcomeContext<S, O, EffectData<E>>) => void | Promise<void>
  /** The longest one attempt may take, in milliseconds. Default: 10,000. */
  readonly timeoutMs?: number
  /** Attempts before it is parked, the first included. Default: 10. */
  readonly attemptsMax?: number
  /** Keys whose effects are performed side by side. Default: 16. */
  readonly inParallelMax?: number
  /** After so many failures in a row nothing is tried for so many milliseconds, and then one alone. Default: 5 failures, 30,000 ms. */
  readonly breaker?: { readonly failures: number; readonly pauseMs: number }
}

const effectDefaults = { timeoutMs: 10_000, attemptsMax: 10, inParallelMax: 16 } as const
const breakerDefault = { failures: 5, pauseMs: 30_000 } as const

/** Declares how an effect is performed; throws `INVALID_CONTRACT`. */
export function declareEffect(
  service: string,
  effect: EffectContract,
  options: EffectHandlerOptions<ServiceTypes, EffectContract, Declared>,
): EffectDeclaration {
  const { publishes = [], executes = [], requests = [], breaker = breakerDefault, perform, outcome } = options
  const timeoutMs = options.timeoutMs ?? effectDefaults.timeoutMs
  const attemptsMax = options.attemptsMax ?? effectDefaults.attemptsMax
  const inParallelMax = options.inParallelMax ?? effectDefaults.inParallelMax
  const numbers = { timeoutMs, attemptsMax, inParallelMax, failures: breaker.failures, pauseMs: breaker.pauseMs }
  for (const [option, value] of Object.entries(numbers)) {
    if (!Number.isSafeInteger(value) || value < 1 || (option.endsWith('Ms') && value > delayMsMax)) {
      throw new TidingsError(
        'INVALID_CONTRACT',
        `Effect ${effect.name} of ${service} sets ${option} to ${value}; it is a whole number of at least 1${option.endsWith('Ms') ? ` and at most ${delayMsMax}` : ''}.`,
      )
    }
  }
  const parts = { publishes, executes, requests, timeoutMs, attemptsMax, inParallelMax, breaker }
  return { kind: 'effect-handler', service, effect, ...parts, perform: perform as never, outcome: outcome as never }
}
