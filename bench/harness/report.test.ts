// Figures become rows for programs and people: which figures are better, the ratios on all cores, on one and of CPU time, and the marks.

import { expect, test } from 'vitest'
import type { Contender, OneFigure, SeveralFigures } from '../work.ts'
import { judge, reportRows } from './report.ts'
import { tableHead, tableLines } from './table.ts'
import { median, medianMeasured, percentile, wallClock } from './timing.ts'

const contender: Contender = () => Promise.reject(new Error('not run here'))
const work: OneFigure = {
  work: 'rebuild',
  about: 'Rebuilds.',
  durability: 'power-loss',
  unit: 'events/s',
  marks: { yardstick: 0.75, emmett: 50, emmettTuned: 25 },
  tidings: contender,
  yardstick: contender,
  emmett: contender,
  emmettTuned: contender,
}
const latency: OneFigure = { ...work, work: 'latency', unit: 'ms', per: 'command', marks: { yardstick: 1.1 } }
const outcome = {
  figures: {
    tidings: [{ figure: 80_000.4, cpuMicros: 12.5 }],
    yardstick: [{ figure: 100_000, cpuMicros: 10 }],
    emmettTuned: [{ figure: 3_000, cpuMicros: 300 }],
  },
  oneCore: { tidings: [{ figure: 60_000 }], yardstick: [{ figure: 100_000 }] },
  errors: { emmett: 'no disk' },
}

test('the median of an even number of figures is the mean of the two in the middle', () => {
  expect(median([3, 1, 2])).toBe(2)
  expect(median([4, 1, 2, 3])).toBe(2.5)
})

test('a row says which figures are better, and has the ratios on all cores, on one core and of CPU time', () => {
  expect(reportRows(work, outcome)).toMatchObject([
    {
      work: 'rebuild',
      better: 'higher',
      wall: { tidings: 80_000, yardstick: 100_000, ratio: 0.8 },
      oneCore: { tidings: 60_000, yardstick: 100_000, ratio: 0.6 },
      cpu: { per: 'event', tidings: 12.5, yardstick: 10, ratio: 0.8 },
      emmett: null,
      emmettTuned: 3_000,
      failed: ['emmett'],
    },
  ])
  expect(reportRows(latency, { ...outcome, oneCore: {} })).toMatchObject([
    { better: 'lower', oneCore: { tidings: null, ratio: null }, cpu: { per: 'command' } },
  ])
})

test('rates must reach their mark, times must stay below it', () => {
  const [rate, peer] = judge(work, { tidings: { figure: 60 }, yardstick: { figure: 100 }, emmett: { figure: 1 } })
  expect(rate).toEqual({ of: 'yardstick', reached: 0.6, asked: 0.75, at: 'least', met: false })
  expect(peer).toEqual({ of: 'emmett', reached: 60, asked: 50, at: 'least', met: true })
  const slow = judge(latency, { tidings: { figure: 0.5, cpuMicros: 9 }, yardstick: { figure: 0.2, cpuMicros: 1 } })
  expect(slow, 'a time has no mark for its CPU time').toMatchObject([{ at: 'most', asked: 1.1, met: false }])
})

test('the ratio of CPU time may be at most 0.1 below the mark of a rate', () => {
  const at = (cpuMicros: number) =>
    judge(work, { tidings: { figure: 80, cpuMicros }, yardstick: { figure: 100, cpuMicros: 10 } })
  expect(at(15).map(({ of, met }) => [of, met])).toEqual([
    ['yardstick', true],
    ['cpu', true],
  ])
  expect(at(16).at(-1)).toEqual({ of: 'cpu', reached: 0.625, asked: 0.65, at: 'least', met: false })
})

test('a line of the table fits 120 columns, and a second one says what was asked', () => {
  const [row] = reportRows({ ...work, work: 'process managers, beside a row of state' }, outcome)
  const lines = tableLines(row!)
  expect([...tableHead, ...lines].filter((line) => line.length > 120)).toEqual([])
  expect(lines[0]).toMatch(
    /^process managers, beside a row of state +power +events\/s ↑ +80,000 +100,000 +0.80 +0.60 +12.5 +10 +0.80$/,
  )
  expect(lines[1]).toBe(
    '    0.80 × by hand (≥ 0.75) met · 26.7 × Emmett tuned 3,000 (≥ 25) met · CPU 0.80 (≥ 0.65) met · emmett FAILED',
  )
})

test('work with several figures has a row for each, in the order of the figures', () => {
  const late: SeveralFigures = {
    about: 'Timers.',
    durability: 'power-loss',
    rows: [
      { work: 'timers a second', durability: 'power-loss', unit: 'timers/s', marks: { yardstick: 0.4 } },
      { work: 'how late', durability: 'power-loss', unit: 'ms', marks: { yardstick: 2 }, bound: 50 },
    ],
    tidings: contender,
    yardstick: contender,
  }
  const figures = {
    tidings: [{ figure: 5_000 }, { figure: 60.5 }],
    yardstick: [{ figure: 10_000 }, { figure: 40 }],
  }
  const [first, second] = reportRows(late, { figures, oneCore: {}, errors: {} })
  expect([first!.wall.ratio, second!.wall.ratio]).toEqual([0.5, 1.513])
  expect(tableLines(second!)[1]).toBe('    1.51 × by hand (≤ 2) met · 60.5 ms (≤ 50) MISSED')
  expect(judge(late.rows[1]!, { yardstick: { figure: 40 } }), 'nothing is compared if Tidings failed').toEqual([])
})

test('medians are computed figure by figure, of CPU times, too', () => {
  const rounds = [
    [{ figure: 1, cpuMicros: 5 }, { figure: 30 }],
    [{ figure: 3, cpuMicros: 9 }, { figure: 10 }],
    [{ figure: 2, cpuMicros: 7 }, { figure: 20 }],
  ]
  expect(medianMeasured(rounds)).toEqual([{ figure: 2, cpuMicros: 7 }, { figure: 20 }])
  expect(medianMeasured([])).toEqual([])
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
