// Waiting until what a service shows has reached a token: the positions of the token itself, not wherever the histories end by now.
// Invariant: when a wait ends well, every lane on the token's history has handled all it covers, or has parked it.

import { TidingsError } from '../../errors/index.ts'
import type { Position } from '../../ports/index.ts'
import { keptUpTo } from '../delivery/check-epoch.ts'
import { factsSource } from '../delivery-readers/delivery-reader.ts'
import type { LaneState } from '../delivery/subscription.ts'
import type { ReadToken } from '../unit-of-work/read-token.ts'
import type { ServiceCore } from '../core/service-core.ts'
import type { Subscription } from '../subscriptions/subscription-loop.ts'
import { signalOrTimeout } from '../concurrency/wait.ts'

/**
 * Resolves when the lanes of a service have passed what the tokens cover; throws `READ_BEHIND` where that takes longer than
 * `readAfterTimeoutMs`, or can never be.
 *
 * A token of the service itself concerns its projections and every lane on its own log; one of another service the lanes on that
 * service's log: handlers, projections, replicas. What is parked cannot be waited for, and is not.
 */
export async function readAfter(
  core: ServiceCore,
  subscriptions: readonly Subscription[],
  tokens: readonly ReadToken[],
): Promise<void> {
  const { clock } = core.host
  const deadline = clock.monotonicMs() + core.service.limits.readAfterTimeoutMs
  for (const token of tokens) {
    if (token.service === core.service.name) await checkOwn(core, token)
    for (const subscription of subscriptions) {
      const position = covered(token, core.service.name, subscription.lane)
      if (position !== '') await reach(subscription, token, position, deadline)
    }
  }
}

/** Waits until the read models have seen all that their service had committed before the call; false where that took too long. */
export async function ownReadModelsCaughtUp(
  { service, host }: ServiceCore,
  subscriptions: readonly Subscription[],
  timeoutMs: number,
): Promise<boolean> {
  const own = subscriptions.filter(
    ({ lane }) => lane.kind === 'projection' && (lane.feed.source === factsSource || lane.feed.source === service.name),
  )
  const deadline = host.clock.monotonicMs() + timeoutMs
  for (const subscription of own) {
    const { head } = await subscription.lane.feed.read(subscription.lane.seen, 1)
    subscription.wake()
    while (!subscription.hasReached(head)) {
      const leftMs = deadline - host.clock.monotonicMs()
      if (leftMs <= 0 || !(await signalOrTimeout(host.scheduler, subscription.moved, leftMs))) return false
    }
  }
  return true
}

/** Up to where a token covers the history that a lane reads; `''` where it says nothing of it. */
function covered(token: ReadToken, self: string, { feed }: LaneState): Position {
  if (feed.source === factsSource) return token.service === self ? token.facts : ''
  if (feed.source !== token.service) return ''
  return feed.until !== undefined && feed.until < token.log ? feed.until : token.log
}

async function reach(
  subscription: Subscription,
  token: ReadToken,
  position: Position,
  deadline: number,
): Promise<void> {
  const { lane, moved } = subscription
  const { clock, scheduler } = lane.core.host
  for (let tries = 0; ; tries++) {
    const since = moved.fires
    if ((await comparable(lane, token, position)) && hasSettled(lane, position)) return
    // Once is enough: a lane that is woken again and again never sleeps until its retries are due.
    if (tries === 0) subscription.wake()
    const leftMs = deadline - clock.monotonicMs()
    if (leftMs > 0 && (await signalOrTimeout(scheduler, moved, leftMs, since))) continue
    throw new TidingsError(
      'READ_BEHIND',
      `${lane.subscriber} of ${lane.core.service.name} did not reach position ${position} of ${lane.feed.source} within ${lane.core.service.limits.readAfterTimeoutMs} ms; it is at ${lane.seen || 'the beginning'}.`,
    )
  }
}

/** Whether everything up to a position is done or parked: nothing of it is tried again. */
function hasSettled(lane: LaneState, position: Position): boolean {
  if (lane.seen < position) return false
  for (const head of lane.held.heads()) {
    // The first of a key stands queued only behind a handler that catches up.
    const state = head.state === 'queued' ? lane.heldAhead(head.key)?.state : head.state
    if (state !== 'parked' && head.position <= position) return false
  }
  return true
}

/** Whether a lane's positions are those of the token's epoch; throws `READ_BEHIND` where what the token covers was lost. */
async function comparable({ progress, feed }: LaneState, token: ReadToken, position: Position): Promise<boolean> {
  if (progress.epoch === token.epoch) return true
  // The own facts of an earlier epoch were refused at the door; a lane that has heard nothing yet is waited for.
  if (feed.source === factsSource || progress.epoch === '') return false
  const earlier = await feed.earlierEpochs()
  const tokenKept = keptUpTo(earlier, token.epoch)
  if (tokenKept !== undefined && position > tokenKept) throw lost(token)
  const laneKept = keptUpTo(earlier, progress.epoch)
  if (tokenKept === undefined && laneKept === undefined) return false
  return laneKept === undefined || position <= laneKept
}

// A token of the service itself is compared with what its store has: what is not there will never be reached.
async function checkOwn({ store, logHead, factsHead }: ServiceCore, token: ReadToken): Promise<void> {
  if (token.epoch === store.epoch) {
    // Asked anew where the token is ahead: whoever made it may have heard of a commit first.
    if (token.log > logHead && token.log > (await store.readLog({ after: logHead, limit: 1 })).head) throw lost(token)
    if (token.facts > factsHead && token.facts > (await store.readFacts({ after: factsHead, limit: 1 })).head)
      throw lost(token)
    return
  }
  // A restore says how much of the log was kept, and nothing of the facts.
  const kept = keptUpTo(store.earlierEpochs, token.epoch)
  if (kept === undefined || token.log > kept || token.facts !== '') throw lost(token)
}

function lost({ service }: ReadToken): TidingsError {
  return new TidingsError(
    'READ_BEHIND',
    `${service} does not have what the token covers: it was deleted or restored.`,
    {
      hint: 'Ask without the token; what it stands for is gone, and the command has to be sent again.',
    },
  )
}
