// The earlier epochs that a restored store names, so that each consumer can tell whether it has received events that are now gone.

import { beginning, type Position } from './awaitable.ts'
import type { EarlierEpoch } from './store.ts'

/** The epochs of a store. */
export interface EpochHistory {
  readonly epoch: string
  readonly earlierEpochs: readonly EarlierEpoch[]
}

/**
 * The earlier epochs of a store that is restored from a backup.
 *
 * They are the epochs that the backup names, plus the epochs that the replaced store has had since the backup was taken, because a consumer
 * may have read under any of them. Of each of those, the backup has only the events that every restore in between has kept.
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
