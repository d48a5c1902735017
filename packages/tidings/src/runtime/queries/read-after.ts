// Waiting until what a service shows has reached a token: the positions of the token itself, not wherever the histories end by now.
// Invariant: when a wait ends well, every subscription to the token's history has handled all it covers, or has parked it.

import { TidingsError } from '../../errors/index.ts'
import type { Position } from '../../ports/index.ts'
import { signalOrTimeout } from '../concurrency/wait.ts'
import type { ServiceCore } from '../core/service-core.ts'
import { keptUpTo } from '../delivery/check-epoch.ts'
import type { Subscription } from '../delivery/subscription.ts'
import { factsSource } from '../delivery-readers/fact-reader.ts'
import type { SubscriptionLoop } from '../subscriptions/subscription-loop.ts'
import type { ReadToken } from '../unit-of-work/read-token.ts'

/**
 * Resolves when the subscriptions of a service have passed what the tokens cover; throws `READ_BEHIND` where that takes longer than
 * `readAfterTimeoutMs`, or can never be.
 *
 * A token of the service itself concerns its projections and every subscription to its own event log; one of another service the subscriptions to that
 * service's: handlers, projections, replicas. What is parked cannot be waited for, and is not.
 */
export async function readAfter(
  core: ServiceCore,
  loops: readonly SubscriptionLoop[],
  tokens: readonly ReadToken[],
): Promise<void> {
  const { clock } = core.environment
  const deadline = clock.monotonicMs() + core.service.limits.readAfterTimeoutMs
  for (const token of tokens) {
    if (token.service === core.service.name) await checkOwn(core, token)
    for (const loop of loops) {
      const position = covered(token, core.service.name, loop.subscription)
      if (position !== '') await reach(loop, token, position, deadline)
    }
  }
}

/** Waits until the read models have seen all that their service had committed before the call; false where that took too long. */
export async function ownReadModelsCaughtUp(
  { service, environment }: ServiceCore,
  loops: readonly SubscriptionLoop[],
  timeoutMs: number,
): Promise<boolean> {
  const own = loops.filter(
    ({ subscription: { kind, source } }) =>
      kind === 'projection' && (source === factsSource || source === service.name),
  )
  const deadline = environment.clock.monotonicMs() + timeoutMs
  for (const loop of own) {
    const { reader, seen } = loop.subscription
    const { head } = await reader.read(seen, 1)
    loop.wake()
    while (!loop.hasReached(head)) {
      const leftMs = deadline - environment.clock.monotonicMs()
      if (leftMs <= 0 || !(await signalOrTimeout(environment.timeouts, loop.moved, leftMs))) return false
    }
  }
  return true
}

/** Up to where a token covers the history that a subscription reads; `''` where it says nothing of it. */
function covered(token: ReadToken, self: string, { reader }: Subscription): Position {
  if (reader.source === factsSource) return token.service === self ? token.facts : ''
  if (reader.source !== token.service) return ''
  return reader.until !== undefined && reader.until < token.log ? reader.until : token.log
}

async function reach(loop: SubscriptionLoop, token: ReadToken, position: Position, deadline: number): Promise<void> {
  const { subscription, moved } = loop
  const { clock, timeouts } = subscription.core.environment
  for (let tries = 0; ; tries++) {
    const since = moved.fires
    if ((await comparable(subscription, token, position)) && hasSettled(subscription, position)) return
    // Once is enough: a loop that is woken again and again never sleeps until its retries are due.
    if (tries === 0) loop.wake()
    const leftMs = deadline - clock.monotonicMs()
    if (leftMs > 0 && (await signalOrTimeout(timeouts, moved, leftMs, since))) continue
    throw new TidingsError(
      'READ_BEHIND',
      `${subscription.subscriber} of ${subscription.core.service.name} did not reach position ${position} of ${subscription.source} within ${subscription.core.service.limits.readAfterTimeoutMs} ms; it is at ${subscription.seen || 'the beginning'}.`,
    )
  }
}

/** Whether everything up to a position is done or parked: nothing of it is tried again. */
function hasSettled(subscription: Subscription, position: Position): boolean {
  if (subscription.seen < position) return false
  for (const head of subscription.deferred.heads()) {
    // The first of a key is blocked only by a handler that catches up.
    const state = head.state === 'blocked' ? subscription.deferredAhead(head.key)?.state : head.state
    if (state !== 'parked' && head.position <= position) return false
  }
  return true
}

/** Whether a subscription's positions are those of the token's epoch; throws `READ_BEHIND` where what the token covers was lost. */
async function comparable(
  { checkpoint, reader }: Subscription,
  token: ReadToken,
  position: Position,
): Promise<boolean> {
  if (checkpoint.epoch === token.epoch) return true
  // The own facts of an earlier epoch were refused before; a subscription that has heard nothing yet is waited for.
  if (reader.source === factsSource || checkpoint.epoch === '') return false
  const earlier = await reader.earlierEpochs()
  const tokenKept = keptUpTo(earlier, token.epoch)
  if (tokenKept !== undefined && position > tokenKept) throw lost(token)
  const ownKept = keptUpTo(earlier, checkpoint.epoch)
  if (tokenKept === undefined && ownKept === undefined) return false
  return ownKept === undefined || position <= ownKept
}

// A token of the service itself is compared with what its store has: what is not there will never be reached.
async function checkOwn({ store, eventLogHead, factsHead }: ServiceCore, token: ReadToken): Promise<void> {
  if (token.epoch === store.epoch) {
    // Asked anew where the token is ahead: whoever made it may have heard of a commit first.
    if (token.log > eventLogHead && token.log > (await store.readEventLog({ after: eventLogHead, limit: 1 })).head)
      throw lost(token)
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
