// Notices a clock that was put back, and sets recurring timers anew that were set by a clock far ahead.
// Invariant: a recurring timer is never due later than the occurrence after the next one. So after a wrong clock no timer waits for years, and an
// occurrence that has fired already does not come again because the clock went back a little.

import { type Cron, parseCron } from '../../contracts/index.ts'
import type { StoredRow } from '../../ports/index.ts'
import type { ServiceCore } from '../core/service-core.ts'
import { pagesOfRows } from '../unit-of-work/pages-of-rows.ts'
import { readDocument, systemTables } from '../unit-of-work/system-tables.ts'
import { UnitOfWork } from '../unit-of-work/unit-of-work.ts'
import { readScheduled } from './scheduled-row.ts'
import { putItem } from './set-timer.ts'

/** The shortest time between two occurrences, in milliseconds. A clock that went back by less delays no timer. */
const stepMs = 60_000

/** The key of the row that has the latest time that a clock has shown which was put forward. */
const keptUnder = 'clock'

/** The occurrence after a moment; the next one from now if it was set by a clock that is far ahead of `now`. */
export function occurrenceAfter(times: Cron, moment: number, now: number): number {
  const occurrence = times.next(moment)
  const soonest = times.next(now)
  return occurrence > times.next(soonest) ? soonest : occurrence
}

/** Watches the clock of one service. */
export class ClockWatch {
  readonly #core: ServiceCore
  /** The latest time that the clock has shown since it was last put back. */
  #latest: number | undefined
  /** The difference between the clock and the monotonic one. */
  #offset = 0

  constructor(core: ServiceCore) {
    this.#core = core
  }

  /** Looks at the clock; if it was put back, also while the service did not run, sets recurring timers anew. */
  async look(): Promise<void> {
    const { clock } = this.#core.environment
    const now = clock.now()
    const offset = now - clock.monotonicMs()
    const latest = this.#latest ?? (await this.#keptLatest()) ?? now
    if (latest - now >= stepMs) {
      await setAnew(this.#core, now)
      await this.#keep(now)
      this.#latest = now
    } else {
      // A clock that was put forward may be put back while nothing runs.
      if (this.#latest !== undefined && offset - this.#offset >= stepMs) await this.#keep(now)
      this.#latest = Math.max(latest, now)
    }
    this.#offset = offset
  }

  async #keptLatest(): Promise<number | undefined> {
    return (await readDocument<{ latest: number }>(this.#core.store, systemTables.run, keptUnder))?.document.latest
  }

  async #keep(latest: number): Promise<void> {
    const unit = new UnitOfWork(this.#core.store)
    unit.putDocument(systemTables.run, keptUnder, { latest })
    await this.#core.commit(unit)
  }
}

async function setAnew(core: ServiceCore, now: number): Promise<void> {
  let count = 0
  for await (const rows of pagesOfRows(core.store, { table: systemTables.schedule }))
    count += await setPage(core, rows, now)
  core.log.warn('The clock was put back; recurring timers follow it', { timers: count, next: 'npx tidings timers' })
}

// A timer that is set or comes due in the meantime has its time from the clock of now.
async function setPage(core: ServiceCore, rows: readonly StoredRow[], now: number): Promise<number> {
  let count = 0
  for (const row of rows) {
    const { key, revision } = row
    const kept = readScheduled(row)
    const { every, dueAt } = kept.item
    if ('claimed' in kept || every === undefined || dueAt <= now) continue
    const soonest = occurrenceAfter(parseCron(every.cron, every.timeZone), dueAt - 1, now)
    if (soonest === dueAt) continue
    const unit = new UnitOfWork(core.store)
    unit.check({ table: systemTables.schedule, key, revision })
    putItem(unit, { ...kept.item, dueAt: soonest })
    if ((await core.commit(unit)).committed) count += 1
  }
  return count
}
