// A row's figures become what programs and people read; marks are judged by their unit.

import { expect, test } from 'vitest'
import type { Contender, Work } from '../work.ts'
import { judge, reportRows, tableLine } from './report.ts'
import { median } from './timing.ts'

const contender: Contender = () => Promise.reject(new Error('not run here'))
const work: Work = {
  work: 'rebuild',
  durability: 'power-loss',
  unit: 'events/s',
  marks: { yardstick: 0.5, emmett: 50, emmettTuned: 25 },
  tidings: contender,
  yardstick: contender,
  emmett: contender,
  emmettTuned: contender,
}
const latency: Work = { ...work, work: 'latency', unit: 'ms', marks: { yardstick: 2 } }

test('the median of an even number of figures lies between the two in the middle', () => {
  expect(median([3, 1, 2])).toBe(2)
  expect(median([4, 1, 2, 3])).toBe(2.5)
})

test('tuned settings of a peer are a row of their own; who did not take part is null', () => {
  const rows = reportRows(work, { figures: { tidings: 100_000.4, yardstick: 150_000, emmettTuned: 3_000 }, errors: {} })
  expect(rows).toEqual([
    { work: 'rebuild', durability: 'power-loss', tidings: 100_000, yardstick: 150_000, emmett: null, unit: 'events/s' },
    {
      work: 'rebuild (Emmett tuned)',
      durability: 'power-loss',
      tidings: 100_000,
      yardstick: 150_000,
      emmett: 3_000,
      unit: 'events/s',
    },
  ])
})

test('rates have to reach a mark, times have to stay below it', () => {
  expect(judge(work, { figures: { tidings: 60, yardstick: 100, emmett: 2 }, errors: {} })).toEqual([
    { of: 'yardstick', ratio: 0.6, asked: 0.5, met: true },
    { of: 'emmett', ratio: 30, asked: 50, met: false },
  ])
  const slow = judge(latency, { figures: { tidings: 0.5, yardstick: 0.2 }, errors: {} })
  expect(slow).toMatchObject([{ asked: 2, met: false }])
})

test('a missed mark and a contender that failed are shown as such', () => {
  const line = tableLine(work, { figures: { tidings: 40, yardstick: 100 }, errors: { emmett: 'no disk' } })
  expect(line).toContain('0.40 × yardstick (≥ 0.5): MISSED')
  expect(line).toContain('failed')
})
