// Moves what has come due from the schedule into the queues of the subscriptions that handle it, many items in one commit. What a subscription
// can handle at once is left to it: it takes that directly from the schedule.
// Invariant: if an item is cancelled or set again in the meantime, it is not moved. If it is cancelled while it comes due, the first commit
// wins.

import { TidingsError } from '../../errors/index.ts'
import type { Position } from '../../ports/index.ts'
import type { ServiceCore } from '../core/service-core.ts'
import { systemTables } from '../unit-of-work/system-tables.ts'
import { UnitOfWork } from '../unit-of-work/unit-of-work.ts'
import type { DirectQueues } from './direct-queues.ts'
import { enqueue, moveHead, nextPosition, readHead, type StoredHead } from './due-queue.ts'
import { type DueItem, type DuePage, findDue } from './find-due.ts'
import { putClaimed } from './set-timer.ts'

/** What a look at the schedule has found and done. */
export interface DueLook {
  /** How many items were moved. */
  readonly moved: number
  readonly page: DuePage
}

/**
 * Moves what is due now, one batch of at most `countMax` items, except for what is left to its subscription.
 *
 * @param direct - the queues whose subscriptions take items directly; none if nothing is left to them.
 */
export function claimDue(
  core: ServiceCore,
  direct: DirectQueues | undefined,
  countMax = core.service.limits.batchCountMax,
): Promise<DueLook> {
  return direct === undefined
    ? claimInTurn(core, undefined, countMax)
    : direct.inTurn(() => claimInTurn(core, direct, countMax))
}

/** How many batches may have been delivered at the same time, at most one for each queue. */
const pagesMax = 16

/** Moves what is due first, after a crash: it may have been delivered directly when the process ended. */
export async function claimFirstPages(core: ServiceCore): Promise<void> {
  for (let page = 0; page < pagesMax; page++) if ((await claimDue(core, undefined)).moved === 0) return
}

async function claimInTurn(core: ServiceCore, direct: DirectQueues | undefined, countMax: number): Promise<DueLook> {
  const { conflictRetriesMax } = core.service.limits
  await direct?.claimGivenBack()
  for (let tries = 0; tries <= conflictRetriesMax; tries++) {
    const page = await findDue(core, direct?.search)
    const found = direct === undefined ? page.due : direct.withoutLeft(page)
    const due = found.slice(0, countMax)
    if (due.length === 0 || (await claim(core, due))) return { moved: due.length, page }
    // An item was cancelled or set again in the meantime: that commit was first, so read again.
  }
  throw new TidingsError(
    'CONFLICT',
    `Optimistic concurrency conflict while moving due timers and effects of ${core.service.name}; gave up after ${conflictRetriesMax + 1} attempts.`,
  )
}

async function claim(core: ServiceCore, due: readonly DueItem[]): Promise<boolean> {
  const unit = new UnitOfWork(core.store)
  const heads = new Map<string, { readonly stored: StoredHead; readonly position: Position }>()
  for (const { item, revision } of due) {
    const before = heads.get(item.queue)
    const stored = before?.stored ?? (await readHead(core.store, item.queue))
    const position = nextPosition(before?.position ?? stored.position)
    heads.set(item.queue, { stored, position })
    unit.check({ table: systemTables.schedule, key: item.id, revision })
    putClaimed(unit, position, item)
    enqueue(unit, position, item)
  }
  for (const [queue, { stored, position }] of heads) moveHead(unit, queue, stored, position)
  if (!(await core.commit(unit)).committed) return false
  core.itemsDue.fire()
  return true
}
