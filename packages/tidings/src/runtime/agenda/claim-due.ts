// Watches the clock for one service: moves what has come due from the agenda into the queues, many in one commit.
// Invariant: how late it looks never matters to what happens, only to when; a moment is found by an index, however many are set.

import { retryOf, TidingsError } from '../../errors/index.ts'
import type { Position, StoredRow } from '../../ports/index.ts'
import { describeError, retryDelay } from '../judge-failure.ts'
import type { ServiceCore } from '../service-core.ts'
import { readDocument, systemTables } from '../system-tables.ts'
import { UnitOfWork } from '../unit-of-work.ts'
import { nextPosition, type QueueHead, queueKey } from './agenda-feed.ts'
import { type AgendaItem, type AgendaRow, claimedDueAt } from './agenda-item.ts'

/** How the agenda stands. */
export interface AgendaStatus {
  /** When the next item is due, in milliseconds since 1970; `undefined` where nothing is set. */
  readonly nextDueAt: number | undefined
  /** Whether nothing is due now that has not been moved to the lane which handles it, as far as was seen. */
  readonly atRest: boolean
  readonly error: { readonly code: string; readonly message: string } | undefined
}

/** Moves what is due, until it is closed. */
export class Agenda {
  readonly #core: ServiceCore
  /** Whether the host ticks, and nothing is moved by itself. */
  readonly #ticked: boolean
  #nextDueAt: number | undefined
  #error: AgendaStatus['error']
  #failures = 0
  #news = true
  #claiming = false
  #closing = false
  #wake: () => void = () => {}
  #unlisten: () => void = () => {}
  #ended: Promise<void> = Promise.resolve()

  constructor(core: ServiceCore, ticked: boolean) {
    this.#core = core
    this.#ticked = ticked
  }

  start(): void {
    if (this.#ticked) return
    this.#unlisten = this.#core.agendaChanged.listen(() => this.wake())
    this.#ended = this.#run()
  }

  /** Moves at most so many items that are due now; gives how many it moved. */
  async tick(countMax: number): Promise<number> {
    const moved = await claimDue(this.#core, countMax)
    this.#nextDueAt = await nextDueAt(this.#core)
    return moved
  }

  /** Says that something was set, or that the clock has moved. */
  wake(): void {
    this.#news = true
    this.#wake()
  }

  get status(): AgendaStatus {
    const isDue = this.#nextDueAt !== undefined && this.#nextDueAt <= this.#core.host.clock.now()
    return {
      nextDueAt: this.#nextDueAt,
      atRest: this.#ticked || (!this.#news && !this.#claiming && !isDue),
      error: this.#error,
    }
  }

  /** Whether nothing is due now that has not been moved, as far as the store knows. */
  async atRest(): Promise<boolean> {
    if (this.#ticked) return true
    if (this.#news || this.#claiming) return false
    const next = await nextDueAt(this.#core)
    return next === undefined || next > this.#core.host.clock.now()
  }

  async close(): Promise<void> {
    this.#closing = true
    this.#unlisten()
    this.#wake()
    await this.#ended
  }

  async #run(): Promise<void> {
    while (!this.#closing) {
      this.#news = false
      this.#claiming = true
      let delayMs = this.#core.service.limits.pollMs
      try {
        if ((await claimDue(this.#core)) > 0) continue
        this.#nextDueAt = await nextDueAt(this.#core)
        this.#error = undefined
        this.#failures = 0
        // The clock may jump, and a scheduler has a longest delay: it looks again after pollMs at the latest.
        if (this.#nextDueAt !== undefined)
          delayMs = Math.min(delayMs, Math.max(1, Math.ceil(this.#nextDueAt - this.#core.host.clock.now())))
      } catch (error) {
        delayMs = this.#stumble(error)
      } finally {
        this.#claiming = false
      }
      if (!this.#news || this.#error !== undefined) await this.#sleep(delayMs)
    }
  }

  #stumble(error: unknown): number {
    const { host, log, service } = this.#core
    const known = describeError(error)
    if (!this.#closing && this.#error?.code !== known.code) {
      const write = retryOf(error) === 'unavailable' ? log.warn : log.error
      write('Timers and effects wait', { code: known.code, error: known.message, hint: known.hint })
    }
    this.#error = { code: known.code, message: known.message }
    this.#failures++
    return retryDelay(this.#failures, service.limits, host.random)
  }

  #sleep(delayMs: number): Promise<void> {
    return new Promise((resolve) => {
      const cancel = this.#core.host.scheduler.after(delayMs, resolve)
      this.#wake = () => {
        if (this.#error !== undefined && !this.#closing) return
        cancel()
        resolve()
      }
      if (this.#closing || this.#news) this.#wake()
    })
  }
}

/** When the next item is due that has not been moved; `undefined` where nothing is set. */
export async function nextDueAt(core: ServiceCore): Promise<number | undefined> {
  const [row] = await core.store.find({ table: systemTables.agenda, index: { column: 'dueAt' }, limit: 1 })
  if (row === undefined) return undefined
  const kept = JSON.parse(row.json) as AgendaRow
  return 'claimed' in kept ? undefined : kept.item.dueAt
}

/** Moves what is due now, one batch of at most so many; gives how many it moved. */
export async function claimDue(core: ServiceCore, countMax = core.service.limits.batchCountMax): Promise<number> {
  const { conflictRetriesMax, batchCountMax } = core.service.limits
  for (let tries = 0; tries <= conflictRetriesMax; tries++) {
    const now = core.host.clock.now()
    // Mostly nothing is due: one row tells.
    const first = await nextDueAt(core)
    if (first === undefined || first > now) return 0
    const rows = await core.store.find({ table: systemTables.agenda, index: { column: 'dueAt' }, limit: batchCountMax })
    const due = inOrder(rows)
      .filter(({ item }) => item.dueAt <= now)
      .slice(0, countMax)
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

// By the moment they are due; effects of one moment in the order in which they were committed, timers by their names and keys.
function inOrder(rows: readonly StoredRow[]): Found[] {
  const found: Found[] = []
  for (const { json, revision } of rows) {
    const kept = JSON.parse(json) as AgendaRow
    if (!('claimed' in kept)) found.push({ item: kept.item, revision })
  }
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
