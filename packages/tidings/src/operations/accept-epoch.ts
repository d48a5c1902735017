// A publisher was deleted or restored, and its consumers have stopped (P2): here an operator says from where they go on.

import { TidingsError } from '../errors/index.ts'
import { keptUpTo } from '../runtime/delivery/check-epoch.ts'
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
    ({ lane, status }) => lane.feed.source === source && status.error?.code === 'EPOCH_CHANGED',
  )
  if (stopped.length === 0) {
    throw new TidingsError(
      'UNKNOWN_SUBSCRIBER',
      `No subscription of ${service.name} on ${source.slice(0, 120)} is stopped by a changed epoch.`,
    )
  }
  const accepted: Accepted[] = []
  const rebuilds = new Set<string>()
  for (const subscription of stopped) {
    const { lane } = subscription
    await subscription.whileResting(async () => {
      const page = await lane.feed.read('', 1)
      const sameEpoch = page.epoch === lane.progress.epoch
      const kept = sameEpoch ? page.head : (keptUpTo(await lane.feed.earlierEpochs(), lane.progress.epoch) ?? '')
      const position = from === 'now' ? page.head : from === 'kept' || lane.kind !== 'handlers' ? kept : ''
      // What is held lies in the history that is gone, save what was kept.
      const lost = [...lane.held.all()].filter((held) => held.position > kept)
      const progress = { ...lane.progress, position, epoch: page.epoch ?? '' }
      const unit = lane.newUnit()
      for (const held of lost) lane.held.stageRemoval(unit, held)
      lane.stage(unit, progress)
      const result = await lane.commit(unit, progress)
      if (!result.committed)
        throw new TidingsError('CONFLICT', `${lane.subscriber} of ${service.name} could not be moved.`)
      for (const held of lost) lane.held.remove(held)
      lane.seen = position
      lane.core.log.warn('A subscription goes on after its source changed', {
        subscriber: lane.subscriber,
        source,
        from: position,
        heldGivenUp: lost.length,
      })
      const rebuilt = lane.kind === 'projection' || lane.kind === 'replica'
      if (rebuilt) rebuilds.add(lane.subscriber.slice(lane.kind.length + 1))
      accepted.push({ subscriber: lane.subscriber, from: position, rebuilt })
    })
    subscription.resume()
  }
  for (const name of rebuilds) {
    service.rebuild(name).catch((error: unknown) => {
      service.core.log.error('A rebuild failed', { readModel: name, error: String(error) })
    })
  }
  return accepted
}
