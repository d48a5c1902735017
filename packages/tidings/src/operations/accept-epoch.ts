// Resumes subscriptions that stopped because their source was deleted or restored (P2), from where the operator says.

import { TidingsError } from '../errors/index.ts'
import { formatPosition, type Position } from '../ports/index.ts'
import { keptUpTo } from '../runtime/delivery/check-epoch.ts'
import type { DeferredEvent } from '../runtime/delivery/deferred-event.ts'
import type { Subscription } from '../runtime/delivery/subscription.ts'
import type { ServiceRuntime } from '../runtime/service/service-runtime.ts'

/** Where a stopped subscription resumes. */
export type AcceptFrom =
  /** After the last event of the earlier epoch that the source still has. */
  | 'kept'
  /** At the beginning of the source's current history: handlers receive kept events again. */
  | 'beginning'
  /** With the next event that is published. */
  | 'now'

/** A subscription that resumed. */
export interface Accepted {
  readonly subscriber: string
  /** The position after which it resumes; `''` is the beginning. */
  readonly from: string
  /**
   * True for read models and replicas: they are rebuilt from the source's current history, whatever `from` says, because they contain data
   * of events that are lost.
   */
  readonly rebuilt: boolean
}

/** Resumes a service's stopped subscriptions on a source. Throws `UNKNOWN_SUBSCRIBER` if none is stopped. */
export async function acceptEpoch(
  service: ServiceRuntime,
  source: string,
  from: AcceptFrom,
): Promise<readonly Accepted[]> {
  const stopped = service.subscriptions.filter(
    ({ subscription, status }) => subscription.source === source && status.error?.code === 'EPOCH_CHANGED',
  )
  if (stopped.length === 0) {
    throw new TidingsError(
      'UNKNOWN_SUBSCRIBER',
      `No subscription of ${service.name} on ${source.slice(0, 120)} has stopped because of a changed epoch.`,
    )
  }
  if (from === 'kept') for (const { subscription } of stopped) await refuseUnknown(subscription)
  const accepted: Accepted[] = []
  const rebuilds = new Set<string>()
  for (const loop of stopped) {
    const { subscription } = loop
    await loop.whileResting(async () => {
      const position = await restart(subscription, from)
      const { subscriber, kind } = subscription
      const rebuilt = kind === 'projection' || kind === 'replica'
      if (rebuilt) rebuilds.add(subscriber.slice(kind.length + 1))
      accepted.push({ subscriber, from: position, rebuilt })
    })
    loop.resume()
  }
  for (const name of rebuilds) {
    // A failed rebuild is logged, and starts again when the service starts.
    service.rebuild(name).catch(() => {})
  }
  return accepted
}

// Returns the position after which the subscription resumes.
async function restart(subscription: Subscription, from: AcceptFrom): Promise<string> {
  const { reader, checkpoint, subscriber, source, kind, core } = subscription
  const page = await reader.read('', 1)
  const sameEpoch = page.epoch === checkpoint.epoch
  const kept = sameEpoch ? page.head : (keptUpTo(await reader.earlierEpochs(), checkpoint.epoch) ?? '')
  const position = from === 'now' ? page.head : from === 'kept' || kind !== 'handlers' ? kept : ''
  const id = (await reader.read(position, 1)).edges?.after ?? ''
  // Deferred events belong to the lost history, unless the source has kept them.
  const gone = new Set<DeferredEvent>()
  for (const event of subscription.deferred.all())
    if (event.position > kept || !(await isKept(subscription, event))) gone.add(event)
  const heard = { epoch: page.epoch ?? '', position, id }
  const deferredGivenUp = await subscription.restartAfter(heard, (event) => gone.has(event))
  core.log.warn('A subscription resumed after its source changed', {
    subscriber,
    source,
    from: position,
    deferredGivenUp,
  })
  return position
}

// Whether the source still has an event at its position. If the source does not say, it has.
async function isKept({ reader }: Subscription, { position, id }: DeferredEvent): Promise<boolean> {
  const { edges } = await reader.read(before(position), 1)
  return edges === undefined || edges.next === '' || edges.next === id
}

// A history that was replaced and has grown since has new events before the position that was heard. Only a restore says where they begin.
async function refuseUnknown(subscription: Subscription): Promise<void> {
  const { reader, seen, seenId, kind, checkpoint, core, subscriber, source } = subscription
  const { epoch, edges } = await reader.read(seen, 1)
  if (kind !== 'handlers' || epoch !== checkpoint.epoch || seenId === '') return
  if (edges === undefined || edges.after === '' || edges.after === seenId) return
  throw new TidingsError(
    'EPOCH_CHANGED',
    `It is not known up to where ${source} has kept what ${subscriber} of ${core.service.name} has read: its store was replaced without a restore.`,
    {
      details: { source, subscriber, position: seen },
      hint: 'Resume with `--from now`, or with `--from beginning`, which delivers kept events again.',
    },
  )
}

const before = (position: Position) => formatPosition(Number(position) - 1)
