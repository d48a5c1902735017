// A publisher that was deleted or restored from a backup has a new epoch. A consumer that has heard nothing which was lost goes on;
// one that has stops loudly, instead of losing events quietly.

import { TidingsError } from '../../errors/index.ts'
import type { EarlierEpoch, Position } from '../../ports/index.ts'
import type { Subscription } from './subscription.ts'

/** Takes over a source's epoch where that is safe; throws `EPOCH_CHANGED` where it is not, or where the source has gone back. */
export async function checkEpoch(subscription: Subscription, epoch: string, head: Position): Promise<void> {
  const known = subscription.checkpoint.epoch
  if (known === epoch) {
    if (subscription.seen <= head) return
    throw new TidingsError(
      'EPOCH_CHANGED',
      `${subscription.source} has gone back to ${head || 'the beginning'} (a power cut under durability 'process-crash' can do that): ${subscription.subscriber} of ${subscription.core.service.name} has heard it up to ${subscription.seen}.`,
      {
        details: {
          source: subscription.source,
          subscriber: subscription.subscriber,
          heard: subscription.seen,
          kept: head,
        },
      },
    )
  }
  if (known !== '') {
    const kept = keptUpTo(await subscription.reader.earlierEpochs(), known)
    if (kept === undefined || subscription.seen > kept) {
      throw new TidingsError(
        'EPOCH_CHANGED',
        `${subscription.source} was ${kept === undefined ? 'deleted and made anew' : 'restored from a backup'}: ${subscription.subscriber} of ${subscription.core.service.name} has heard it up to ${subscription.seen}, of which ${kept === undefined ? 'nothing' : `only what lies up to ${kept || 'the beginning'}`} is still there.`,
        {
          details: { source: subscription.source, subscriber: subscription.subscriber, heard: subscription.seen, kept },
        },
      )
    }
  }
  await subscription.saveCheckpoint({ epoch })
}

/** How much of an earlier epoch is still there: the least that any restore since then has kept. */
export function keptUpTo(earlier: readonly EarlierEpoch[], epoch: string): Position | undefined {
  const index = earlier.findIndex((other) => other.epoch === epoch)
  if (index < 0) return undefined
  return earlier.slice(index).reduce((least, { upTo }) => (upTo < least ? upTo : least), earlier[index]?.upTo ?? '')
}
