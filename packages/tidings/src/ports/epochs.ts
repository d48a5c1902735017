// What a restored store says of the epochs before it, so that each consumer can tell whether it has heard what is no longer there.

import { beginning, type Position } from './awaitable.ts'
import type { EarlierEpoch } from './store.ts'

/** The part of a store that its epochs are about. */
export interface EpochHistory {
  readonly epoch: string
  readonly earlierEpochs: readonly EarlierEpoch[]
}

/**
 * The earlier epochs of a store that is restored from a backup.
 *
 * Besides those the backup knows, they are the epochs under which the replaced store went on after the backup was taken: a consumer may
 * have heard it under any of them. Such an epoch has in common with the backup what every restore in between has kept.
 *
 * @param head - the last position of the backup's log.
 */
export function epochsAfterRestore(
  backup: EpochHistory,
  head: Position,
  replaced: EpochHistory | undefined,
): readonly EarlierEpoch[] {
  const epochs: EarlierEpoch[] = [...backup.earlierEpochs, { epoch: backup.epoch, upTo: head }]
  if (replaced === undefined) return epochs
  const known = new Set(epochs.map(({ epoch }) => epoch))
  let common: Position = beginning
  for (const { epoch, upTo } of replaced.earlierEpochs) {
    if (!known.has(epoch)) epochs.push({ epoch, upTo: common })
    const kept = epoch === backup.epoch ? head : common
    common = upTo < kept ? upTo : kept
  }
  if (!known.has(replaced.epoch)) epochs.push({ epoch: replaced.epoch, upTo: common })
  return epochs
}
