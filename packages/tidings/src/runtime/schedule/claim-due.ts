// Watches the clock for one service: moves what has come due from the agenda into the queues, many in one commit.
// Invariant: how late it looks never matters to what happens, only to when; a moment is found by an index, however many are set.

import { TidingsError } from '../../errors/index.ts'
import type { Position } from '../../ports/index.ts'
import type { ServiceCore } from '../core/service-core.ts'
import { readDocument, systemTables } from '../unit-of-work/system-tables.ts'
import { UnitOfWork } from '../unit-of-work/unit-of-work.ts'
import { type LoopError, WorkLoop } from '../core/work-loop.ts'
import { nextPosition, type QueueHead, queueKey } from '../delivery-readers/schedule-reader.ts'
import { type AgendaItem, type AgendaRow, claimedDueAt } from './scheduled-item.ts'

/** How the agenda stands. */
export interface AgendaStatus {
  /** When the next item is due, in milliseconds since 1970; `undefined` where nothing is set. */
  readonly nextDueAt: number | undefined
  /** Whether nothing is due now that has not been moved to the lane which handles it, as far as was seen. */
  readonly atRest: boolean
  readonly error: LoopError | undefined
}

/** Moves what is due, until it is closed. */
export class Agenda {
  readonly #core: ServiceCore
  /** Whether the host ticks, and nothing is moved by itself. */
  readonly #ticked: boolean
  readonly #loop: WorkLoop
  #nextDueAt: number | undefined
  #unlisten: () => void = () => {}

  constructor(core: ServiceCore, ticked: boolean) {
    this.#core = core
    this.#ticked = ticked
    this.#loop = new WorkLoop(core, { failing: 'Timers and effects wait', pass: () => this.#pass() })
  }

  start(): void {
    if (this.#ticked) return
    this.#unlisten = this.#core.agendaChanged.listen(() => this.#loop.wake())
    this.#loop.start()
  }

  /** Moves at most so many items that are due now; gives how many it moved. */
  async tick(countMax: number): Promise<number> {
    const moved = await claimDue(this.#core, countMax)
    this.#nextDueAt = await nextDueAt(this.#core)
    return moved
  }

  get status(): AgendaStatus {
    const isDue = this.#nextDueAt !== undefined && this.#nextDueAt <= this.#core.host.clock.now()
    const atRest = this.#ticked || (this.#loop.atRest && !isDue)
    return { nextDueAt: this.#nextDueAt, atRest, error: this.#loop.error }
  }

  /** Whether nothing is due now that has not been moved, as far as the store knows. */
  async atRest(): Promise<boolean> {
    if (this.#ticked) return true
    if (!this.#loop.atRest) return false
    const next = await nextDueAt(this.#core)
    return next === undefined || next > this.#core.host.clock.now()
  }

  async close(): Promise<void> {
    this.#unlisten()
    this.#loop.close()
    await this.#loop.ended
  }

  async #pass(): Promise<number> {
    if ((await claimDue(this.#core)) > 0) return 0
    this.#nextDueAt = await nextDueAt(this.#core)
    const { pollMs } = this.#core.service.limits
    if (this.#nextDueAt === undefined) return pollMs
    // The clock may jump, and a scheduler has a longest delay: it looks again after pollMs at the latest.
    return Math.min(pollMs, Math.max(1, Math.ceil(this.#nextDueAt - this.#core.host.clock.now())))
  }
}

/** When the next item is due that has not been moved; `undefined` where nothing is set. */
export async function nextDueAt(core: ServiceCore): Promise<number | undefined> {
  const [row] = await core.store.find({ table: systemTables.agenda, index: { column: 'dueAt' }, limit: 1 })
  if (row === undefined) return undefined
  const kept = JSON.parse(row.json) as AgendaRow
  return 'claimed' in kept ? undefined : kept.item.dueAt
}

/** How much larger a page of the agenda is than the one before, all of which was due. */
const pageGrowth = 16

/** Moves what is due now, one batch of at most so many; gives how many it moved. */
export async function claimDue(core: ServiceCore, countMax = core.service.limits.batchCountMax): Promise<number> {
  const { conflictRetriesMax } = core.service.limits
  for (let tries = 0; tries <= conflictRetriesMax; tries++) {
    const now = core.host.clock.now()
    const due = (await findDue(core, now)).slice(0, countMax)
    if (due.length === 0) return 0
    const unit = new UnitOfWork(core.store)
    const heads = new Map<string, Position>()
    for (const { item, revision } of due) {
      const before = heads.get(item.queue) ?? (await headOf(core, unit, item.queue))
      const position = nextPosition(before)
      heads.set(item.queue, position)
      unit.check({ table: systemTables.agenda, key: item.id, revision })
      const claimed: AgendaRow = { claimed: position, item }
      unit.put(systemTables.agenda, item.id, {
        schemaVersion: 1,
        json: JSON.stringify(claimed),
        columns: [claimedDueAt],
      })
      unit.putDocument(systemTables.queues, queueKey(item.queue, position), item)
    }
    for (const [queue, head] of heads) unit.putDocument(systemTables.queueHeads, queue, { head } satisfies QueueHead)
    if ((await core.commit(unit)).committed) {
      core.itemsDue.fire()
      return due.length
    }
    // One was cancelled or set anew meanwhile: what was committed first holds.
  }
  throw new TidingsError('CONFLICT', `Items of ${core.service.name} that are due changed again and again.`)
}

interface Found {
  readonly item: AgendaItem
  readonly revision: number
}

// Mostly none or few are due of very many that are set: pages grow as long as all of one is due, and nothing is read behind what is not.
async function findDue(core: ServiceCore, now: number): Promise<Found[]> {
  const { batchCountMax } = core.service.limits
  for (let limit = 1; ; limit = Math.min(limit * pageGrowth, batchCountMax)) {
    const rows = await core.store.find({ table: systemTables.agenda, index: { column: 'dueAt' }, limit })
    const found: Found[] = []
    for (const { json, revision } of rows) {
      const kept = JSON.parse(json) as AgendaRow
      if ('claimed' in kept || kept.item.dueAt > now) break
      found.push({ item: kept.item, revision })
    }
    if (found.length < limit || limit === batchCountMax) return inOrder(found)
  }
}

// By the moment they are due; effects of one moment in the order in which they were committed, timers by their names and keys.
function inOrder(found: Found[]): Found[] {
  return found.sort(
    (a, b) =>
      a.item.dueAt - b.item.dueAt ||
      (a.item.kind === 'effect' && b.item.kind === 'effect' ? a.revision - b.revision : 0) ||
      (a.item.id < b.item.id ? -1 : 1),
  )
}

async function headOf(core: ServiceCore, unit: UnitOfWork, queue: string): Promise<Position> {
  const kept = await readDocument<QueueHead>(core.store, systemTables.queueHeads, queue)
  unit.check({ table: systemTables.queueHeads, key: queue, revision: kept?.revision ?? 0 })
  return kept?.document.head ?? ''
}
