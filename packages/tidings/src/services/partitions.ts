// The partitions of a subscriber: each handles the events of some keys, and has a checkpoint, a retry queue and parked events of its own.
// Invariant: the names are kept in stores, so they never change without a migration. A name that users give has no dot.

import { shownValue, TidingsError } from '../errors/index.ts'

/** The most partitions of a subscriber: there are 256 slots, and each has several. */
export const partitionsMax = 64

/** The name of a partition, from 1: `main.2-of-4`; a subscriber that is not divided has its own name. */
export function partitionName(subscriber: string, number: number, count: number): string {
  return count === 1 ? subscriber : `${subscriber}.${number}-of-${count}`
}

/** The subscriber that a partition belongs to: `main` for `main.2-of-4`. Any other name stays as it is. */
export function declaredSubscriber(name: string): string {
  return name.replace(/\.\d+-of-\d+(?=\.|$)/, '')
}

/** How many partitions a subscriber declares; throws `INVALID_CONTRACT`. */
export function checkPartitions(service: string, subscriber: string, count: unknown): number {
  if (typeof count === 'number' && Number.isInteger(count) && count >= 1 && count <= partitionsMax) return count
  throw new TidingsError(
    'INVALID_CONTRACT',
    `Subscriber ${subscriber} of ${service} declares ${shownValue(count)} partitions; it must be a whole number from 1 to ${partitionsMax}.`,
  )
}
