// Counts how impulses ended, by kind, on the day their reason arose. One that was held counts as held too.
import type { RowOf } from 'tidings'
import type { z } from 'zod'
import { ImpulseEnded, type ImpulseOutcome } from '../impulses/contract.ts'
import { allDays, type impulses, insights } from './service.ts'

type Figures = RowOf<typeof impulses>

const columns: Readonly<Record<z.infer<typeof ImpulseOutcome>, 'delivered' | 'withdrawn' | 'overLimit' | 'tooLate'>> = {
  delivered: 'delivered',
  withdrawn: 'withdrawn',
  'over-limit': 'overLimit',
  'too-late': 'tooLate',
}

const nothing = (day: string, kind: string): Figures => ({
  ...{ day, kind, delivered: 0, withdrawn: 0, held: 0, overLimit: 0, tooLate: 0 },
})

export const followImpulses = insights
  .projection('impulses', { writes: ['impulses'] })
  .on(ImpulseEnded, async ({ kind, outcome, held, reasonAt }, { tables }) => {
    for (const day of [reasonAt.slice(0, 10), allDays]) {
      const known = (await tables.impulses.get(`${day}/${kind}`)) ?? nothing(day, kind)
      const column = columns[outcome]
      tables.impulses.put({ ...known, [column]: known[column] + 1, held: known.held + (held ? 1 : 0) })
    }
  })
