// Figures become rows for programs and people; marks are compared by their unit.

import { expect, test } from 'vitest'
import type { Contender, OneFigure, SeveralFigures } from '../work.ts'
import { judge, reportRows, tableLines } from './report.ts'
import { median, medians, percentile, wallClock } from './timing.ts'

const contender: Contender = () => Promise.reject(new Error('not run here'))
const work: OneFigure = {
  work: 'rebuild',
  durability: 'power-loss',
  unit: 'events/s',
  marks: { yardstick: 0.5, emmett: 50, emmettTuned: 25 },
  tidings: contender,
  yardstick: contender,
  emmett: contender,
  emmettTuned: contender,
}
const latency: OneFigure = { ...work, work: 'latency', unit: 'ms', marks: { yardstick: 2 } }

test('the median of an even number of figures is the mean of the two in the middle', () => {
  expect(median([3, 1, 2])).toBe(2)
  expect(median([4, 1, 2, 3])).toBe(2.5)
})

test('tuned settings of a peer have their own row; a contender that did not take part is null', () => {
  const rows = reportRows(work, {
    figures: { tidings: [100_000.4], yardstick: [150_000], emmettTuned: [3_000] },
    errors: {},
  })
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

test('rates must reach their mark, times must stay below it', () => {
  expect(judge(work, { tidings: 60, yardstick: 100, emmett: 2 })).toEqual([
    { of: 'yardstick', reached: 0.6, asked: 0.5, met: true },
    { of: 'emmett', reached: 30, asked: 50, met: false },
  ])
  const slow = judge(latency, { tidings: 0.5, yardstick: 0.2 })
  expect(slow).toMatchObject([{ asked: 2, met: false }])
})

test('a missed mark and a failed contender are shown', () => {
  const [line] = tableLines(work, { figures: { tidings: [40], yardstick: [100] }, errors: { emmett: 'no disk' } })
  expect(line).toContain('0.40 × yardstick (≥ 0.5): MISSED')
  expect(line).toContain('failed')
})

test('work with several figures has a row for each, in the order of the figures', () => {
  const late: SeveralFigures = {
    durability: 'power-loss',
    rows: [
      { work: 'timers a second', durability: 'power-loss', unit: 'timers/s', marks: { yardstick: 0.4 } },
      { work: 'how late', durability: 'power-loss', unit: 'ms', marks: { yardstick: 2 }, bound: 50 },
    ],
    tidings: contender,
    yardstick: contender,
  }
  const outcome = { figures: { tidings: [5_000, 60.5], yardstick: [10_000, 40] }, errors: {} }
  expect(reportRows(late, outcome).map((row) => [row.work, row.tidings, row.yardstick])).toEqual([
    ['timers a second', 5_000, 10_000],
    ['how late', 60.5, 40],
  ])
  const [first, second] = tableLines(late, outcome)
  expect(first).toContain('| – | timers/s | 0.50 × yardstick (≥ 0.4): met |')
  expect(second).toContain('1.51 × yardstick (≤ 2): met; 60.500 ms (≤ 50): MISSED')
  expect(judge(late.rows[1]!, { yardstick: 40 }), 'nothing is compared if Tidings failed').toEqual([])
})

test('medians are computed figure by figure', () => {
  expect(
    medians([
      [1, 30],
      [3, 10],
      [2, 20],
    ]),
  ).toEqual([2, 20])
  expect(medians([])).toEqual([])
})

test('a percentile is one of the figures: the nearest rank, in any order', () => {
  const hundred = Array.from({ length: 100 }, (_, index) => 100 - index)
  expect(percentile(hundred, 99)).toBe(99)
  expect(percentile(hundred, 100)).toBe(100)
  expect(percentile(hundred, 50)).toBe(50)
  expect(percentile([7], 99)).toBe(7)
  expect(percentile([5, 1], 0)).toBe(1)
  expect(percentile([], 99)).toBeNaN()
})

test('the wall clock agrees with Date.now, and is finer', () => {
  const now = wallClock()
  const before = Date.now()
  const read = now()
  expect(read).toBeGreaterThan(before - 2)
  expect(read).toBeLessThan(Date.now() + 2)
})
