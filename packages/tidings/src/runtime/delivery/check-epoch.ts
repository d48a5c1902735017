// A publisher that was deleted or restored from a backup has a new epoch. A subscription that has read nothing of what was lost continues;
// otherwise it stops with an error, instead of losing events silently.

import { TidingsError } from '../../errors/index.ts'
import type { EarlierEpoch, Position } from '../../ports/index.ts'
import type { Subscription } from './subscription.ts'

/** Accepts the epoch of a source if nothing that was read is lost; otherwise, or if the source has moved back, throws `EPOCH_CHANGED`. */
export async function checkEpoch(subscription: Subscription, epoch: string, head: Position): Promise<void> {
  const known = subscription.checkpoint.epoch
  if (known === epoch) {
    if (subscription.seen <= head) return
    throw new TidingsError(
      'EPOCH_CHANGED',
      `The history of ${subscription.source} now ends at ${head || 'the beginning'}, but ${subscription.subscriber} of ${subscription.core.service.name} has read it up to ${subscription.seen}. A power cut with durability 'process-crash' can cause this.`,
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
        `${subscription.source} was ${kept === undefined ? 'deleted and created again' : 'restored from a backup'}: ${subscription.subscriber} of ${subscription.core.service.name} has read it up to ${subscription.seen}, but ${kept === undefined ? 'none of that' : `only its history up to ${kept || 'the beginning'}`} still exists.`,
        {
          details: { source: subscription.source, subscriber: subscription.subscriber, heard: subscription.seen, kept },
        },
      )
    }
  }
  await subscription.saveCheckpoint({ epoch })
}

/**
 * Accepts that a source has no history, as before its first start. Throws `BROKER_UNAVAILABLE` if it had one: a history that has vanished is
 * not an empty one.
 */
export function checkNeverHeard({ subscriber, source, seen, checkpoint, core }: Subscription): void {
  if (checkpoint.epoch === '') return
  throw new TidingsError(
    'BROKER_UNAVAILABLE',
    `The history of ${source} is not there any more; ${subscriber} of ${core.service.name} has read it up to ${seen || 'the beginning'}.`,
    {
      details: { source, subscriber, heard: seen },
      hint: `Put the store of ${source} back in its place, or restore it from a backup; delivery then resumes automatically.`,
    },
  )
}

/** Up to which position an earlier epoch still exists: the lowest that any restore since then has kept. */
export function keptUpTo(earlier: readonly EarlierEpoch[], epoch: string): Position | undefined {
  const index = earlier.findIndex((other) => other.epoch === epoch)
  if (index < 0) return undefined
  return earlier.slice(index).reduce((least, { upTo }) => (upTo < least ? upTo : least), earlier[index]?.upTo ?? '')
}
