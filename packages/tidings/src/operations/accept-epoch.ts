// Resumes subscriptions that stopped because their source was deleted or restored (P2), from where the operator says.

import { TidingsError } from '../errors/index.ts'
import { keptUpTo } from '../runtime/delivery/check-epoch.ts'
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
  // Deferred events belong to the lost history, unless the source has kept them.
  const deferredGivenUp = await subscription.restartAt(position, page.epoch ?? '', kept)
  core.log.warn('A subscription resumed after its source changed', {
    subscriber,
    source,
    from: position,
    deferredGivenUp,
  })
  return position
}
