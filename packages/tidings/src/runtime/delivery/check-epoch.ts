// A publisher that was deleted or restored from a backup has a new epoch. A subscription that has read nothing of what was lost continues;
// otherwise it stops with an error, instead of losing events silently. A history that was replaced in another way has the same epoch, but other
// events: a subscription knows the event at its position.

import { TidingsError } from '../../errors/index.ts'
import type { EarlierEpoch, Position } from '../../ports/index.ts'
import type { DeliveryPage } from '../delivery-readers/delivery-reader.ts'
import { readDocuments, systemTables } from '../unit-of-work/system-tables.ts'
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
  if (known === '') await refuseKnownHistory(subscription, epoch)
  await subscription.saveCheckpoint({ epoch })
}

// A source that was renamed has the epoch that the subscriber has heard under the old name. Handlers would run again for all of its history.
async function refuseKnownHistory(subscription: Subscription, epoch: string): Promise<void> {
  const { core, subscriber, source, kind } = subscription
  if (kind !== 'handlers') return
  const others = await readDocuments<{ epoch: string }>(core.store, systemTables.checkpoints, `${subscriber}/`)
  const same = others.find(({ key, document }) => document.epoch === epoch && key !== subscription.key)
  if (same === undefined) return
  const was = same.key.slice(subscriber.length + 1)
  throw new TidingsError(
    'EPOCH_CHANGED',
    `${source} has the history that ${subscriber} of ${core.service.name} has read as that of ${was}: the service was renamed.`,
    {
      details: { source, subscriber, was },
      hint: `Declare the old name, \`defineService('${source}', { was: '${was}' })\`, in the configuration that starts ${core.service.name}, and start it again.`,
    },
  )
}

/**
 * Throws `EPOCH_CHANGED` if the source has another event at the position that the subscription has read up to: its history was replaced, and
 * has grown past that position since.
 */
export async function checkHeard(subscription: Subscription, { edges }: DeliveryPage): Promise<void> {
  // The source says nothing, or has pruned the event.
  if (edges === undefined || edges.after === '') return
  const { seen, seenId } = subscription
  if (seenId === '') await subscription.noteSeenId(edges.after)
  else if (seenId !== edges.after) throw historyReplaced(subscription, { position: seen, id: seenId }, edges.after)
}

/** The error of a subscription whose source has another event at a position than the one it has heard there. */
export function historyReplaced(
  { subscriber, source, core }: Pick<Subscription, 'subscriber' | 'source' | 'core'>,
  { position, id }: { readonly position: Position; readonly id: string },
  found: string,
): TidingsError {
  const service = core.service.name
  return new TidingsError(
    'EPOCH_CHANGED',
    `The history of ${source} was replaced: at ${position}, ${subscriber} of ${service} has read event ${id}, and now event ${found} is there. Either an older store of ${source} was put in its place without \`tidings restore\`, or a power cut with durability 'process-crash' undid its last commits.`,
    {
      details: { source, subscriber, position, heard: id, found },
      hint: `If there is still a store of ${source} that has event ${id}, put it back; delivery then resumes automatically. Otherwise choose where to resume: \`npx tidings accept ${service} ${source} --from now\` or \`--from beginning\`.`,
    },
  )
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
