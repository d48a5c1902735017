// The subscriptions that keep a read model: one for each source that it follows.

import type { ServiceCore } from '../core/service-core.ts'
import { Subscription } from '../delivery/subscription.ts'
import type { DeliveryReader } from '../delivery-readers/delivery-reader.ts'
import { eventReader } from '../delivery-readers/event-reader.ts'
import { factReader } from '../delivery-readers/fact-reader.ts'
import { invokeProjection } from '../handlers/invoke-projection.ts'
import { invokeReplica } from '../handlers/invoke-replica.ts'
import type { ReadModel } from '../tables/read-models.ts'
import { RowCache } from '../unit-of-work/row-cache.ts'
import { readInTurns } from './bounded-readers.ts'
import { readModelGroup } from './work-groups.ts'

/** The subscriptions that keep the generation which serves reads; none for an inline projection. */
export function readModelSubscriptions(core: ServiceCore, readModel: ReadModel): readonly Subscription[] {
  if (readModel.projection?.mode === 'inline') return []
  return subscriptionsTo(core, readModel, () => core.generations.of(readModel).generation, undefined)
}

/** The subscriptions that fill another generation beside the one that serves reads. */
export function rebuildSubscriptions(
  core: ServiceCore,
  readModel: ReadModel,
  generation: number,
): readonly Subscription[] {
  return subscriptionsTo(core, readModel, () => generation, generation)
}

/** The subscriber that rebuilds a read model. */
export function rebuildSubscriber(readModel: ReadModel): string {
  return `rebuild.${readModel.subscriber}`
}

function subscriptionsTo(
  core: ServiceCore,
  readModel: ReadModel,
  generation: () => number,
  rebuilding: number | undefined,
): readonly Subscription[] {
  const base = {
    core,
    subscriber: rebuilding === undefined ? readModel.subscriber : rebuildSubscriber(readModel),
    kind: rebuilding === undefined ? readModel.kind : 'rebuild',
    group: readModelGroup(readModel),
    sequential: true,
    unrecorded: rebuilding !== undefined,
    cache: new RowCache(core.service.limits.rowsCachedMax),
    keeps: rebuilding === undefined ? { readModel } : { readModel, rebuilding },
  } as const
  if (readModel.kind === 'replica') {
    const contract = core.service.replicas[readModel.name]?.of
    if (contract === undefined) return []
    const invoke = invokeReplica(core, readModel, contract, generation)
    const reader = eventReader(core, contract.owner, readModel.subscriber, [contract.name])
    return [new Subscription({ ...base, reader, invoke })]
  }
  const invoke = invokeProjection(core, readModel, generation)
  const { timeouts } = core.environment
  return readersOf(core, readModel).map((reader) => {
    const inTurns = rebuilding === undefined ? reader : readInTurns(reader, timeouts)
    return new Subscription({ ...base, reader: inTurns, invoke })
  })
}

function readersOf(core: ServiceCore, readModel: ReadModel): readonly DeliveryReader[] {
  const types = new Map<string, Set<string>>()
  const categories = new Set<string>()
  for (const step of readModel.projection?.steps ?? []) {
    if (step.on === 'fact') categories.add(step.decider.name)
    else types.set(step.event.owner, (types.get(step.event.owner) ?? new Set()).add(step.event.name))
  }
  const readers = [...types].map(([source, names]) => eventReader(core, source, readModel.subscriber, [...names]))
  return categories.size === 0 ? readers : [...readers, factReader(core, [...categories])]
}
