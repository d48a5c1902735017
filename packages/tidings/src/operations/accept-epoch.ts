// A publisher was deleted or restored, and its consumers have stopped (P2): here an operator says from where they go on.

import { TidingsError } from '../errors/index.ts'
import { keptUpTo } from '../runtime/delivery/check-epoch.ts'
import type { Subscription } from '../runtime/delivery/subscription.ts'
import type { ServiceRuntime } from '../runtime/service/service-runtime.ts'

/** From where a stopped subscription goes on. */
export type AcceptFrom =
  /** Behind the last event that the source has kept from before. */
  | 'kept'
  /** At the beginning of what the source has now: handlers see kept events again. */
  | 'beginning'
  /** With what is published from now on. */
  | 'now'

/** A subscription that was told to go on. */
export interface Accepted {
  readonly subscriber: string
  readonly from: string
  /** Read models and replicas are rebuilt from what the source has now, whatever `from` says: they hold what was lost. */
  readonly rebuilt: boolean
}

/** Lets a service's stopped subscriptions on a source go on. Throws `UNKNOWN_SUBSCRIBER` where none is stopped. */
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
      `No subscription of ${service.name} on ${source.slice(0, 120)} is stopped by a changed epoch.`,
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
    // A rebuild that fails says so in the log, and is begun again when the service starts.
    service
      .rebuild(name)
      .catch((error: unknown) => service.log.error('A rebuild failed', { readModel: name, error: String(error) }))
  }
  return accepted
}

// Gives the position from which the subscription goes on.
async function restart(subscription: Subscription, from: AcceptFrom): Promise<string> {
  const { reader, checkpoint, subscriber, source, kind, core } = subscription
  const page = await reader.read('', 1)
  const sameEpoch = page.epoch === checkpoint.epoch
  const kept = sameEpoch ? page.head : (keptUpTo(await reader.earlierEpochs(), checkpoint.epoch) ?? '')
  const position = from === 'now' ? page.head : from === 'kept' || kind !== 'handlers' ? kept : ''
  // What is deferred lies in the history that is gone, save what was kept.
  const deferredGivenUp = await subscription.restartAt(position, page.epoch ?? '', kept)
  core.log.warn('A subscription goes on after its source changed', {
    subscriber,
    source,
    from: position,
    deferredGivenUp,
  })
  return position
}
