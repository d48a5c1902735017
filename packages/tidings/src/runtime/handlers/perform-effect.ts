// Performs effects after their requests were committed: first the effect itself, outside of any unit of work, then its outcome, in the
// unit that removes the effect from its queue. Invariant: once `perform` has returned, it is not called again, unless the process dies before
// the next commit; then it is repeated with the same idempotency key. Nor is it called while another instance may still be at it.

import type { Principal } from '../../contracts/index.ts'
import { retryOf, TidingsError } from '../../errors/index.ts'
import type { Span } from '../../ports/index.ts'
import type { EffectDeclaration } from '../../services/index.ts'
import { ReadContext } from '../contexts/read-context.ts'
import { type Declares, UnitContext } from '../contexts/unit-context.ts'
import { finishFunction } from '../core/finish-function.ts'
import type { ServiceCore } from '../core/service-core.ts'
import type { Invocation, Invoke } from '../delivery/invocation.ts'
import { summarizeError } from '../failures/error-summary.ts'
import { takeItem } from '../schedule/due-queue.ts'
import { idempotencyKeyOf } from '../schedule/request-effect.ts'
import { originOfItem, readItemData, type ScheduledItem, traceOfItem } from '../schedule/scheduled-item.ts'
import { callerOfOrigin, type Origin, traceHeadersOf, traceOf } from '../unit-of-work/origin.ts'
import type { UnitOfWork } from '../unit-of-work/unit-of-work.ts'
import { type BreakerChange, CircuitBreaker } from './circuit-breaker.ts'
import { type EffectStarts, effectPaused } from './effect-starts.ts'
import type { PerformedEffects } from './performed-effects.ts'

/** What performs the effects of a subscription. */
export interface Performing {
  /** What was performed and not handled yet. */
  readonly performed: PerformedEffects
  /** What was begun; only where instances share the store. */
  readonly starts: EffectStarts | undefined
  /** Once it fires, no effect is begun. */
  readonly closing: AbortSignal
  /** Aborts effects that are being performed. */
  readonly aborting: AbortSignal
}

/** Performs the effects of a subscription. */
export function invokeEffect(core: ServiceCore, declaration: EffectDeclaration, performing: Performing): Invoke {
  const { effect } = declaration
  const { performed, starts, aborting } = performing
  const breaker = new CircuitBreaker(
    `Effect ${effect.name}`,
    core.environment.clock,
    declaration.breaker,
    logBreaker(core, effect.name),
  )
  const declares: Declares = { ...declaration, by: `Effect ${effect.name}`, lookups: [] }
  return async (invocation) => {
    const { item } = invocation.delivery
    if (item === undefined || !(await takeItem(invocation.unit, item, invocation.delivery))) return
    const span = core.environment.tracing?.start(`effect ${effect.name}`, traceOfItem(item), {
      'tidings.service': core.service.name,
      'tidings.attempt': invocation.attempt,
    })
    const origin: Origin = {
      ...originOfItem(item, core.service.name),
      causedBy: `effect/${effect.name}`,
      ...traceOf(span ?? traceOfItem(item)),
    }
    try {
      const data = readItemData(effect.chain, item)
      const attempt = async () => {
        const answer = await performOnce(core, declaration, { item, data, origin, invocation, performing, span })
        performed.remember(item, { answer, fits: false })
        return { answer, fits: false }
      }
      // A known answer says nothing about the other system now, so it does not go through the breaker.
      const guarded = async () =>
        performed.find(item) ?? breaker.run(attempt, (error) => retryOf(error) === 'backoff' && !aborting.aborted)
      // If the process dies while the other system is being called, this effect is not blamed.
      const answered = await (invocation.isolated === undefined ? guarded() : invocation.isolated.whileWaiting(guarded))
      starts?.end(invocation.unit, item)
      const outcome = performed.outcomeOf(item, answered)
      const known = { input: data, idempotencyKey: idempotencyKeyOf(item), attempt: invocation.attempt }
      const context = new OutcomeContext(core, invocation.unit, origin, declares, known)
      const { outcome: handle } = declaration
      if (handle !== undefined)
        await (span === undefined ? handle(outcome, context) : span.run(() => handle(outcome, context)))
      context.assertAwaited()
      span?.end()
    } catch (error) {
      span?.end(error)
      throw error
    }
    const unfinished = finishFunction(core, invocation.unit)
    if (unfinished !== undefined) await unfinished
  }
}

function logBreaker(core: ServiceCore, effect: string) {
  return (change: BreakerChange): void => {
    if (change.state === 'closed') {
      core.log.info('The circuit breaker of an effect closes', { effect })
      return
    }
    const { failures, pauseMs } = change
    const { code, message } = summarizeError(change.error)
    core.log.warn('The circuit breaker of an effect opens; the effect pauses', {
      effect,
      failures,
      pauseMs,
      code,
      error: message,
      next: `npx tidings effects ${core.service.name}`,
    })
  }
}

interface EffectAttempt {
  readonly item: ScheduledItem
  readonly data: unknown
  readonly origin: Origin
  readonly invocation: Invocation
  readonly performing: Performing
  readonly span: Span | undefined
}

async function performOnce(
  core: ServiceCore,
  declaration: EffectDeclaration,
  attempt: EffectAttempt,
): Promise<unknown> {
  const { effect, timeoutMs } = declaration
  const { item, data, origin, invocation, performing, span } = attempt
  const { starts, closing, aborting } = performing
  const idempotencyKey = idempotencyKeyOf(item)
  const timeout = new AbortController()
  const signal = AbortSignal.any([timeout.signal, aborting])
  const late = new TidingsError('EFFECT_TIMEOUT', `Effect ${effect.name} did not finish within ${timeoutMs} ms.`)
  const context = new PerformContext(core, origin, { idempotencyKey, attempt: invocation.attempt, signal })
  const { effects } = core.environment
  const own = async () =>
    span === undefined ? declaration.perform(data, context) : span.run(() => declaration.perform(data, context))
  const request = { service: core.service.name, effect, data, idempotencyKey, attempt: invocation.attempt }
  const perform = async () => (effects === undefined ? own() : effects.perform(request, own))
  const leftMs = starts === undefined ? timeoutMs : await starts.begin(item, closing)
  if (leftMs <= 0) throw late
  if (closing.aborted) {
    starts?.noteEnd(item)
    throw effectPaused(core)
  }
  core.fence?.assertHeld()
  return new Promise<unknown>((resolve, reject) => {
    const cancel = core.environment.timeouts.after(leftMs, () => {
      timeout.abort(late)
      reject(late)
    })
    const onAbort = () => reject(effectPaused(core))
    aborting.addEventListener('abort', onAbort, { once: true })
    void perform()
      .then(resolve, reject)
      .finally(() => {
        cancel()
        aborting.removeEventListener('abort', onAbort)
        starts?.noteEnd(item)
      })
  })
}

class PerformContext {
  readonly idempotencyKey: string
  readonly attempt: number
  readonly signal: AbortSignal
  readonly principal: Principal | null
  readonly correlationId: string
  readonly occurredAt: Date
  readonly traceHeaders: Readonly<Record<string, string>>
  readonly #reads: ReadContext

  constructor(
    core: ServiceCore,
    origin: Origin,
    known: { readonly idempotencyKey: string; readonly attempt: number; readonly signal: AbortSignal },
  ) {
    this.idempotencyKey = known.idempotencyKey
    this.attempt = known.attempt
    this.signal = known.signal
    this.principal = callerOfOrigin(origin)
    this.correlationId = origin.correlationId
    this.occurredAt = new Date(origin.occurredAt)
    this.traceHeaders = traceHeadersOf(origin)
    this.#reads = new ReadContext(core, origin)
  }

  get log() {
    return this.#reads.log
  }
}

class OutcomeContext extends UnitContext {
  readonly input: unknown
  readonly idempotencyKey: string
  readonly attempt: number

  constructor(
    core: ServiceCore,
    unit: UnitOfWork,
    origin: Origin,
    declares: Declares,
    known: { readonly input: unknown; readonly idempotencyKey: string; readonly attempt: number },
  ) {
    super(core, unit, origin, declares)
    this.input = known.input
    this.idempotencyKey = known.idempotencyKey
    this.attempt = known.attempt
  }
}
