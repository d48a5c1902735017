// Tries held deliveries again: the first of a key alone; when it is done, the later ones of its key follow in order.

import { retryOf, TidingsError } from '../../errors/index.ts'
import { formatPosition } from '../../ports/index.ts'
import { heldOutcome, type Outcome } from './deliver-batch.ts'
import { stageDeliveries } from './delivery-log.ts'
import type { Delivery } from '../delivery-readers/delivery-reader.ts'
import type { HeldEvent } from './retry-queue.ts'
import { judgeFailure } from './retry-policy.ts'
import { Fenced, type LaneState } from './subscription.ts'
import { runDeliveries } from './run-batch.ts'
import { clearSuspect, killedError, runAlone } from './poison-guard.ts'
import type { UnitOfWork } from '../unit-of-work/unit-of-work.ts'

/** When the next held delivery is due, in milliseconds since 1970; `undefined` where none is. */
export function nextDue(lane: LaneState): number | undefined {
  const now = lane.core.host.clock.now()
  let due: number | undefined
  for (const head of lane.held.heads()) {
    if (head.state === 'parked' || lane.heldAhead(head.key) !== undefined) continue
    const dueAt = isDue(lane, head, now) ? now : head.dueAt
    if (due === undefined || dueAt < due) due = dueAt
  }
  return due
}

// No pause is longer than the longest: a moment that lies further ahead was set before the clock was put back.
function isDue(lane: LaneState, { dueAt }: HeldEvent, now: number): boolean {
  return dueAt <= now || dueAt - now > lane.limits.retryDelayMsMax
}

/** Tries what is due; stops early where something needed cannot serve. Says whether it did anything, and what made it stop. */
export async function retryHeld(lane: LaneState): Promise<{ readonly worked: boolean; readonly unavailable: boolean }> {
  const now = lane.core.host.clock.now()
  const due = [...lane.held.heads()].filter(
    (head) => head.state !== 'parked' && isDue(lane, head, now) && lane.heldAhead(head.key) === undefined,
  )
  for (const head of due) {
    const outcome = await retryKey(lane, head.key)
    if (outcome?.unavailable === true) return { worked: true, unavailable: true }
  }
  return { worked: due.length > 0, unavailable: false }
}

async function retryKey(lane: LaneState, key: string): Promise<Outcome | undefined> {
  for (;;) {
    const [head] = lane.held.ofKey(key)
    if (head === undefined) return undefined
    const outcome = await retryOne(lane, head)
    if (outcome.outcome !== 'done') return outcome
  }
}

async function retryOne(lane: LaneState, held: HeldEvent): Promise<Outcome> {
  const delivery = await readHeld(lane, held)
  if (delivery === undefined) {
    return fail(
      lane,
      held,
      undefined,
      0,
      new TidingsError(
        'HISTORY_GONE',
        `${held.type} at ${held.position} is no longer in the history of ${lane.feed.source}.`,
      ),
    )
  }
  if (!lane.careful) return tryAgain(lane, held, delivery)
  return runAlone(lane, delivery, (killed) =>
    killed ? fail(lane, held, delivery, 0, killedError(lane, held.type)) : tryAgain(lane, held, delivery),
  )
}

async function tryAgain(lane: LaneState, held: HeldEvent, delivery: Delivery): Promise<Outcome> {
  for (let tries = 0; ; tries++) {
    const unit = lane.newUnit()
    const attempt = held.attempts + 1
    const [ran] = await runDeliveries(lane, unit, [delivery], () => attempt)
    if (ran === undefined || ran.outcome === 'queued')
      throw new TidingsError('INVARIANT', 'Invariant broken: a retry that did not run')
    if (ran.outcome === 'failed') return fail(lane, held, delivery, ran.durationMicros, ran.error)
    try {
      if (await finish(lane, unit, held, attempt, ran.durationMicros))
        return { position: held.position, outcome: 'done', unavailable: false }
    } catch (error) {
      if (error instanceof Fenced || retryOf(error) === 'unavailable') throw error
      return fail(lane, held, delivery, ran.durationMicros, error)
    }
    if (tries >= lane.core.service.limits.conflictRetriesMax) {
      return fail(
        lane,
        held,
        delivery,
        ran.durationMicros,
        new TidingsError('CONFLICT', `Handling ${held.type} met others' changes ${tries + 1} times in a row.`),
      )
    }
  }
}

async function finish(
  lane: LaneState,
  unit: UnitOfWork,
  held: HeldEvent,
  attempt: number,
  durationMicros: number,
): Promise<boolean> {
  lane.held.stageRemoval(unit, held)
  const at = lane.core.host.clock.now()
  if (!lane.unrecorded) {
    stageDeliveries(
      unit,
      lane.subscriber,
      lane.feed.source,
      [{ position: held.position, attempt, durationMicros, outcome: 'done', at }],
      true,
    )
  }
  if (lane.careful) clearSuspect(lane, unit, held.position)
  lane.stage(unit, lane.progress)
  const result = await lane.commit(unit, lane.progress)
  if (!result.committed) return false
  lane.held.remove(held)
  lane.handledCount++
  return true
}

async function fail(
  lane: LaneState,
  held: HeldEvent,
  delivery: Delivery | undefined,
  durationMicros: number,
  error: unknown,
): Promise<Outcome> {
  const { host } = lane.core
  const now = host.clock.now()
  const next = judgeFailure(
    { delivery: delivery ?? (held as never), before: held, error, now },
    lane.limits,
    host.random,
  )
  const unit = lane.newUnit()
  lane.held.stage(unit, next)
  if (!lane.unrecorded) {
    const record = {
      position: held.position,
      attempt: held.attempts + 1,
      durationMicros,
      outcome: 'held' as const,
      at: now,
    }
    stageDeliveries(unit, lane.subscriber, lane.feed.source, [record], true)
  }
  if (lane.careful) clearSuspect(lane, unit, held.position)
  lane.stage(unit, lane.progress)
  const result = await lane.commit(unit, lane.progress)
  if (!result.committed) throw new TidingsError('CONFLICT', `A failed retry of ${held.type} could not be noted.`)
  lane.held.set(next)
  return heldOutcome(next, error)
}

// A held event is kept by reference: it is read again from its source's history, at its position.
async function readHeld(lane: LaneState, held: HeldEvent): Promise<Delivery | undefined> {
  const page = await lane.feed.read(formatPosition(Number(held.position) - 1), 1)
  const [delivery] = page.deliveries
  return delivery?.position === held.position ? delivery : undefined
}
