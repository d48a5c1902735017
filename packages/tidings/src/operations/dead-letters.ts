// Deferred events of subscribers, and the redrive that retries dead letters key by key, in order.

import { TidingsError } from '../errors/index.ts'
import type { DeferredEvent } from '../runtime/delivery/deferred-event.ts'
import { redriveParked } from '../runtime/delivery/redrive-parked.ts'
import type { Subscription } from '../runtime/delivery/subscription.ts'
import { shownKey } from '../runtime/delivery-readers/schedule-reader.ts'
import type { ServiceRuntime } from '../runtime/service/service-runtime.ts'
import type { SubscriptionLoop } from '../runtime/subscriptions/subscription-loop.ts'
import { declaredSubscriber } from '../services/index.ts'

/** A deferred event with its service, subscriber and source. */
export interface DeferredDelivery extends Omit<DeferredEvent, 'keys'> {
  readonly service: string
  readonly subscriber: string
  readonly source: string
}

/** Which deferred events to select; every given part must match. */
export interface DeferredSelection {
  readonly subscriber?: string
  readonly source?: string
  /** The key that is deferred, or the event's own. */
  readonly key?: string
  readonly type?: string
  /** The error's code. */
  readonly code?: string
  /** The event's id. */
  readonly id?: string
}

/** The deferred events of a service (parked, retrying, waiting and blocked), in order. */
export function deferredEvents(
  service: ServiceRuntime,
  selection: DeferredSelection = {},
): readonly DeferredDelivery[] {
  const running = service.subscriptions.map(({ subscription }) => ({
    ...{ subscriber: subscription.subscriber, source: subscription.source },
    events: [...subscription.deferred.all()],
  }))
  return [...running, ...service.leftBehind].flatMap(({ events, ...of }) =>
    events.map((event) => deliveryOf(service, of, event)).filter((delivery) => matches(delivery, selection)),
  )
}

/** The events of one key that a redrive retries, or would retry. */
export interface Redrive {
  readonly service: string
  readonly subscriber: string
  readonly source: string
  readonly key: string
  /** The events to retry, in this order. */
  readonly events: readonly { readonly id: string; readonly type: string; readonly position: string }[]
  /** The handlers of the first event that no longer exist: the event stays parked. Empty if an earlier build stored it without their names. */
  readonly gone?: readonly string[]
}

/** Options of a redrive. */
export interface RedriveOptions {
  /** Changes nothing, and returns what would be redriven. */
  readonly dryRun: boolean
  /** Goes on without handlers that no longer exist; an event for which none is left is given up. Default: such events are kept. */
  readonly withoutGone?: boolean
}

/**
 * Retries dead letters. For each key it retries the deferred events from the first one on, and counts attempts from zero.
 *
 * A key is selected if its first deferred event is parked and matches. If the handler of that event no longer exists (`gone`), the event stays parked.
 */
export async function redrive(
  service: ServiceRuntime,
  selection: DeferredSelection,
  options: RedriveOptions,
): Promise<readonly Redrive[]> {
  // If the old name were ignored, every subscriber would be selected.
  if (Object.hasOwn(selection, 'lane'))
    throw new TidingsError('INVALID_PAYLOAD', 'The selection has the member lane, which is now called subscriber.')
  const redrives: Redrive[] = []
  for (const loop of service.subscriptions) {
    const { subscription } = loop
    const { subscriber, source, deferred } = subscription
    // Another instance may have parked something since this one has looked, and a commit that was reported as failed may have been applied.
    await loop.follow()
    const parked = [...deferred.heads()].filter(
      (head) => head.state === 'parked' && matches(deliveryOf(service, subscription, head), selection),
    )
    for (const head of parked) {
      const gone = subscription.audience?.goneOf(head)
      const events = deferred.from(head).map(({ id, type, position }) => ({ id, type, position }))
      const key = shownKey(source, head.key)
      redrives.push({ service: service.name, subscriber, source, key, events, ...(gone === undefined ? {} : { gone }) })
    }
    if (!options.dryRun && parked.length > 0) await release(loop, parked, options.withoutGone === true)
  }
  const left = keptOf(service, selection)
  if (!options.dryRun && options.withoutGone === true)
    await service.giveUpLeftBehind((of, event) => matches(deliveryOf(service, of, event), selection))
  return [...redrives, ...left]
}

// Nobody can handle what a subscriber has left behind that no longer exists.
function keptOf(service: ServiceRuntime, selection: DeferredSelection): readonly Redrive[] {
  return service.leftBehind.flatMap(({ events, subscriber, source }) =>
    events
      .filter((event) => matches(deliveryOf(service, { subscriber, source }, event), selection))
      .map(({ id, type, position, key, handlers }) => ({
        ...{ service: service.name, subscriber, source, key: shownKey(source, key), events: [{ id, type, position }] },
        gone: handlers ?? [subscriber],
      })),
  )
}

async function release(loop: SubscriptionLoop, parked: readonly DeferredEvent[], withoutGone: boolean): Promise<void> {
  const { core, subscriber, source } = loop.subscription
  await loop.whileResting(() => redriveParked(loop.subscription, parked, withoutGone))
  const next = 'npx tidings dead list --all'
  core.log.info('Dead letters are redriven', { subscriber, source, keys: parked.length, next })
  loop.resume()
}

function deliveryOf(
  service: ServiceRuntime,
  { subscriber, source }: Pick<Subscription, 'subscriber' | 'source'>,
  event: DeferredEvent,
): DeferredDelivery {
  const { keys: _, ...shown } = event
  const [key, ownKey] = [shownKey(source, event.key), shownKey(source, event.ownKey)]
  return { ...shown, key, ownKey, service: service.name, subscriber, source }
}

function matches(event: DeferredDelivery, selection: DeferredSelection): boolean {
  return (
    (selection.subscriber === undefined || isOf(event.subscriber, selection.subscriber)) &&
    (selection.source === undefined || event.source === selection.source) &&
    (selection.key === undefined || event.key === selection.key || event.ownKey === selection.key) &&
    (selection.type === undefined || event.type === selection.type) &&
    (selection.code === undefined || event.error?.code === selection.code) &&
    (selection.id === undefined || event.id === selection.id)
  )
}

// A partition of a subscriber is selected by its own name, and by that of the subscriber.
function isOf(subscriber: string, selected: string): boolean {
  return subscriber === selected || declaredSubscriber(subscriber) === selected
}
