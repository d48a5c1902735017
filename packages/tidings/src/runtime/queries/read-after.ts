// Waits until a service has reached a token: the positions of the token itself, not the present ends of the histories.
// Invariant: when a wait succeeds, every subscription to the token's history has handled or parked everything that the token covers.

import { TidingsError } from '../../errors/index.ts'
import type { Position } from '../../ports/index.ts'
import { signalOrTimeout } from '../concurrency/wait.ts'
import type { ServiceCore } from '../core/service-core.ts'
import { keptUpTo } from '../delivery/check-epoch.ts'
import type { Subscription } from '../delivery/subscription.ts'
import { factsSource } from '../delivery-readers/fact-reader.ts'
import type { CurrentLoop } from '../subscriptions/reach-head.ts'
import type { SubscriptionLoop } from '../subscriptions/subscription-loop.ts'
import type { ReadToken } from '../unit-of-work/read-token.ts'

/** The loops of a service as they are now. */
type CurrentLoops = () => readonly SubscriptionLoop[]

/**
 * Resolves when the subscriptions of a service have handled what the tokens cover; throws `READ_BEHIND` if that takes longer than
 * `readAfterTimeoutMs` or is impossible.
 *
 * A token of the service itself waits for its projections and for the subscriptions to its own event log; a token of another service waits
 * for the subscriptions to that one: handlers, projections, replicas. It does not wait for parked events.
 */
export async function readAfter(core: ServiceCore, loops: CurrentLoops, tokens: readonly ReadToken[]): Promise<void> {
  const { clock } = core.environment
  const deadline = clock.monotonicMs() + core.service.limits.readAfterTimeoutMs
  for (const token of tokens) {
    if (token.service === core.service.name) await checkOwn(core, token)
    for (const loop of loops()) {
      const position = covered(token, core.service.name, loop.subscription)
      if (position !== '') await reach(currentOf(loop, loops), token, position, deadline)
    }
  }
}

/** Waits until the read models have handled everything that their service committed before the call; returns false after the timeout. */
export async function ownReadModelsCaughtUp(
  { service, environment }: ServiceCore,
  loops: CurrentLoops,
  timeoutMs: number,
): Promise<boolean> {
  const own = loops().filter(
    ({ subscription: { kind, source } }) =>
      kind === 'projection' && (source === factsSource || source === service.name),
  )
  const deadline = environment.clock.monotonicMs() + timeoutMs
  for (const loop of own) {
    const { reader, seen } = loop.subscription
    const { head } = await reader.read(seen, 1)
    loop.wake()
    const current = currentOf(loop, loops)
    while (!current().hasReached(head)) {
      const leftMs = deadline - environment.clock.monotonicMs()
      if (leftMs <= 0) return false
      await moves(current(), leftMs)
    }
  }
  return true
}

// Waits until a subscription moves, or may have moved elsewhere.
function moves({ moved, subscription: { core } }: SubscriptionLoop, leftMs: number, since?: number): Promise<boolean> {
  const { sharesStore, environment, service } = core
  const waitMs = sharesStore ? Math.min(leftMs, service.limits.pollMs) : leftMs
  return signalOrTimeout(environment.timeouts, moved, waitMs, {
    keepsAlive: true,
    ...(since === undefined ? {} : { since }),
  })
}

// Where instances share a store, the work may go to another one meanwhile: then what was waited for here is over, and that one is followed.
function currentOf(loop: SubscriptionLoop, loops: CurrentLoops): CurrentLoop {
  const { key } = loop.subscription
  if (!loop.subscription.core.sharesStore) return () => loop
  return () => loops().find(({ subscription }) => subscription.key === key) ?? loop
}

/** Up to which position a token covers the history that a subscription reads; `''` if it does not cover it. */
function covered(token: ReadToken, self: string, { reader }: Subscription): Position {
  if (reader.source === factsSource) return token.service === self ? token.facts : ''
  if (reader.source !== token.service) return ''
  return reader.until !== undefined && reader.until < token.log ? reader.until : token.log
}

async function reach(current: CurrentLoop, token: ReadToken, position: Position, deadline: number): Promise<void> {
  const { clock } = current().subscription.core.environment
  for (let tries = 0; ; tries++) {
    const loop = current()
    const { subscription, moved } = loop
    const since = moved.fires
    if ((await comparable(subscription, token, position)) && hasSettled(subscription, position)) return
    // Only once: a loop that is woken again and again would never sleep until its retries are due.
    if (tries === 0) loop.wake()
    const leftMs = deadline - clock.monotonicMs()
    if (leftMs > 0) {
      await moves(loop, leftMs, since)
      continue
    }
    throw new TidingsError(
      'READ_BEHIND',
      `${subscription.subscriber} of ${subscription.core.service.name} did not handle ${subscription.source} up to position ${position} within ${subscription.core.service.limits.readAfterTimeoutMs} ms; it has read up to ${subscription.seen || 'the beginning'}.`,
    )
  }
}

/** Whether everything up to a position was handled or parked, so that nothing of it is retried. */
function hasSettled(subscription: Subscription, position: Position): boolean {
  if (subscription.seen < position) return false
  for (const head of subscription.deferred.heads()) {
    // The first event of a key is blocked only by a handler that catches up.
    const state = head.state === 'blocked' ? subscription.deferredByCatchUp(head)?.state : head.state
    if (state !== 'parked' && head.position <= position) return false
  }
  return true
}

/** Whether a subscription's positions can be compared with those of the token; throws `READ_BEHIND` if what the token covers was lost. */
async function comparable(
  { checkpoint, reader }: Subscription,
  token: ReadToken,
  position: Position,
): Promise<boolean> {
  if (checkpoint.epoch === token.epoch) return true
  // A token that covers own facts of an earlier epoch was refused before this. A subscription that has read nothing yet may still get
  // there.
  if (reader.source === factsSource || checkpoint.epoch === '') return false
  const earlier = await reader.earlierEpochs()
  const tokenKept = keptUpTo(earlier, token.epoch)
  if (tokenKept !== undefined && position > tokenKept) throw lost(token)
  const ownKept = keptUpTo(earlier, checkpoint.epoch)
  if (tokenKept === undefined && ownKept === undefined) return false
  return ownKept === undefined || position <= ownKept
}

// Compares a token of the service itself with its store: a position that the store does not have is never reached.
async function checkOwn({ store, eventLogHead, factsHead }: ServiceCore, token: ReadToken): Promise<void> {
  if (token.epoch === store.epoch) {
    // If the token is ahead of the heads known here, reads them again: the token may cover a commit whose answer has not arrived here yet.
    if (token.log > eventLogHead && token.log > (await store.readEventLog({ after: eventLogHead, limit: 1 })).head)
      throw lost(token)
    if (token.facts > factsHead && token.facts > (await store.readFacts({ after: factsHead, limit: 1 })).head)
      throw lost(token)
    return
  }
  // After a restore it is known how much of the event log was kept, but not how many of the facts.
  const kept = keptUpTo(store.earlierEpochs, token.epoch)
  if (kept === undefined || token.log > kept || token.facts !== '') throw lost(token)
}

function lost({ service }: ReadToken): TidingsError {
  return new TidingsError(
    'READ_BEHIND',
    `${service} no longer has what the token covers: its store was deleted or restored.`,
    { hint: 'Query without the token. What its command did is lost; send the command again.' },
  )
}
