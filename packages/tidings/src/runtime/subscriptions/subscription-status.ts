// What operators and tests see of a running subscription.

import { distance, type Position } from '../../ports/index.ts'
import { isForNewerCode } from '../delivery/newer-code-missing.ts'
import type { Running } from '../delivery/running-delivery.ts'
import type { Subscription } from '../delivery/subscription.ts'
import type { SubscriptionKind } from '../delivery/subscription-options.ts'
import type { ErrorSummary } from '../failures/error-summary.ts'

/** The state of a subscription; `elsewhere`: another instance of the service runs it. */
export type SubscriptionState = 'starting' | 'running' | 'paused' | 'stopped' | 'closed' | 'elsewhere'

/** The status of a subscription. */
export interface SubscriptionStatus {
  readonly subscriber: string
  readonly kind: SubscriptionKind
  readonly source: string
  readonly state: SubscriptionState
  /** The instance that runs it, if instances of the service share its store; `undefined` if none does at the moment. */
  readonly holder?: string | undefined
  /** Why it is paused or stopped. */
  readonly error: ErrorSummary | undefined
  /** The last position it has read. */
  readonly position: Position
  /** The last position of its source, when it was last read. */
  readonly head: Position
  /** Only if another instance runs it: whether this one knows `head`, without which `lag` and `stalenessMs` say nothing. */
  readonly isHeadKnown?: boolean | undefined
  /** The most events that can lie between its position and the head. */
  readonly lag: number
  readonly retrying: number
  readonly waiting: number
  /** Those of them that wait for newer code of the service, which has handlers for them; left out if there are none. */
  readonly waitingForNewerCode?: number
  readonly parked: number
  readonly blocked: number
  /** Handlers that go on after their batch was committed, and retries that run now. */
  readonly running: number
  /** The one of them that has run longest. */
  readonly slowest: SlowestHandler | undefined
  /** Deliveries handled since its service started. */
  readonly handled: number
  /** Milliseconds since it was last at the head of its source; 0 while it is. */
  readonly stalenessMs: number
}

/** The event whose handler has run longest. */
export interface SlowestHandler {
  readonly id: string
  readonly type: string
  readonly key: string
  /** When the handler began, in milliseconds since 1970. */
  readonly since: number
}

/** What only the loop of a subscription knows. */
export interface LoopStatus {
  readonly state: SubscriptionState
  readonly error: ErrorSummary | undefined
  readonly head: Position
  /** When it was last at the head, in milliseconds since 1970. */
  readonly atHeadAt: number
}

/** The status of a subscription. */
export function statusOf(subscription: Subscription, { state, error, head, atHeadAt }: LoopStatus): SubscriptionStatus {
  const counts = { retrying: 0, waiting: 0, parked: 0, blocked: 0, running: 0 }
  let waitingForNewerCode = 0
  for (const event of subscription.deferred.all()) {
    counts[event.state]++
    if (isForNewerCode(event)) waitingForNewerCode++
  }
  const { count: running, slowest } = subscription.running
  const lag = distance(subscription.seen, head)
  const atHead = lag === 0 && state === 'running'
  return {
    subscriber: subscription.subscriber,
    kind: subscription.kind,
    source: subscription.source,
    state,
    error,
    position: subscription.seen,
    head,
    lag,
    ...counts,
    ...(waitingForNewerCode === 0 ? {} : { waitingForNewerCode }),
    running,
    slowest: slowest === undefined ? undefined : slowestHandler(subscription, slowest),
    handled: subscription.handledCount,
    stalenessMs: atHead ? 0 : Math.max(0, subscription.core.environment.clock.now() - atHeadAt),
  }
}

function slowestHandler({ core }: Subscription, { delivery, startedAt }: Running): SlowestHandler {
  const { id, type, key } = delivery
  const { clock } = core.environment
  return { id, type, key, since: Math.round(clock.now() - (clock.monotonicMs() - startedAt)) }
}
