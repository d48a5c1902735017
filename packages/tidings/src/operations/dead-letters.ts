// Dead letters: what subscribers hold, and the redrive that tries it again in order, key by key.

import type { ServiceRuntime } from '../runtime/service/service-runtime.ts'
import type { HeldEvent } from '../runtime/delivery/retry-queue.ts'
import type { Subscription } from '../runtime/subscriptions/subscription-loop.ts'

/** A held event and who holds it. */
export interface HeldLetter extends HeldEvent {
  readonly service: string
  readonly subscriber: string
  readonly source: string
}

/** Which held events are meant; every given part must match. */
export interface HeldSelection {
  readonly subscriber?: string
  readonly source?: string
  readonly key?: string
  readonly type?: string
  /** The error's code. */
  readonly code?: string
  /** The event's id. */
  readonly id?: string
}

/** What a service holds: parked, retrying, waiting and queued events, in order. */
export function heldLetters(service: ServiceRuntime, selection: HeldSelection = {}): readonly HeldLetter[] {
  return service.subscriptions.flatMap((subscription) => {
    const { lane } = subscription
    return [...lane.held.all()]
      .map(
        (held): HeldLetter => ({
          ...held,
          service: service.name,
          subscriber: lane.subscriber,
          source: lane.feed.source,
        }),
      )
      .filter((letter) => matches(letter, selection))
  })
}

/** What a redrive does, or would do. */
export interface Redrive {
  readonly service: string
  readonly subscriber: string
  readonly source: string
  readonly key: string
  /** The events of the key that are tried again, in this order. */
  readonly events: readonly { readonly id: string; readonly type: string; readonly position: string }[]
}

/**
 * Tries parked events again, each key from its first held event on, with its attempts counted anew.
 *
 * A selection by type, code or id means the keys whose first held event matches. With `dryRun` nothing is changed.
 */
export async function redrive(
  service: ServiceRuntime,
  selection: HeldSelection,
  options: { readonly dryRun: boolean },
): Promise<readonly Redrive[]> {
  const redrives: Redrive[] = []
  for (const subscription of service.subscriptions) {
    const { lane } = subscription
    const heads = [...lane.held.heads()].filter(
      (head) =>
        head.state === 'parked' &&
        matches({ ...head, service: service.name, subscriber: lane.subscriber, source: lane.feed.source }, selection),
    )
    for (const head of heads) {
      const events = lane.held.ofKey(head.key).map(({ id, type, position }) => ({ id, type, position }))
      redrives.push({
        service: service.name,
        subscriber: lane.subscriber,
        source: lane.feed.source,
        key: head.key,
        events,
      })
    }
    if (!options.dryRun && heads.length > 0) await release(subscription, heads)
  }
  return redrives
}

async function release(subscription: Subscription, heads: readonly HeldEvent[]): Promise<void> {
  const { lane } = subscription
  await subscription.whileResting(async () => {
    const now = lane.core.host.clock.now()
    // Another redrive may have been faster: what is no longer parked is left alone.
    const parked = heads.filter((head) => lane.held.ofKey(head.key)[0] === head)
    const released = parked.map(
      (head): HeldEvent => ({ ...head, state: 'retrying', attempts: 0, waits: 0, dueAt: now, heldAt: now }),
    )
    const unit = lane.newUnit()
    for (const held of released) lane.held.stage(unit, held)
    lane.stage(unit, lane.progress)
    const result = await lane.commit(unit, lane.progress)
    if (result.committed) for (const held of released) lane.held.set(held)
  })
  subscription.resume()
}

function matches(letter: HeldLetter, selection: HeldSelection): boolean {
  return (
    (selection.subscriber === undefined || letter.subscriber === selection.subscriber) &&
    (selection.source === undefined || letter.source === selection.source) &&
    (selection.key === undefined || letter.key === selection.key) &&
    (selection.type === undefined || letter.type === selection.type) &&
    (selection.code === undefined || letter.error?.code === selection.code) &&
    (selection.id === undefined || letter.id === selection.id)
  )
}
