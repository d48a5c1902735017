// The partitions of a subscriber as its subscriptions know them: a name, and the slots of the keys that are theirs.

import { type SlotRange, slotCount } from '../../ports/index.ts'
import { partitionName, type Service } from '../../services/index.ts'

/** A partition of a subscriber, or a subscriber that is not divided. */
export interface Partition {
  /** The name under which its state is stored. */
  readonly subscriber: string
  readonly slots: SlotRange
}

/** The partitions that a service declares for a subscriber. */
export function partitionsOf({ partitions }: Pick<Service, 'partitions'>, subscriber: string): readonly Partition[] {
  return dividedBy(subscriber, partitions[subscriber] ?? 1)
}

/** The partitions of a subscriber that is divided into so many. */
export function dividedBy(subscriber: string, count: number): readonly Partition[] {
  const start = (index: number) => Math.floor((index * slotCount) / count)
  return Array.from({ length: count }, (_, index) => ({
    subscriber: partitionName(subscriber, index + 1, count),
    slots: { from: start(index), to: start(index + 1) },
  }))
}

/** The slots that a partition reads; `undefined` if it is all there is, so that nothing is filtered. */
export function slotsToRead({ slots }: Partition): SlotRange | undefined {
  return slots.from === 0 && slots.to === slotCount ? undefined : slots
}
