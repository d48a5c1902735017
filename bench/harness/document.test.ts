// Results go between the two lines of the document, a run of some rows replaces those alone, and one core means one core.

import { expect, test } from 'vitest'
import { isTooLow } from '../guard.ts'
import type { Contender, OneFigure } from '../work.ts'
import { onOneCore, usableCores } from './affinity.ts'
import { Counter } from './counter.ts'
import { withResults } from './document.ts'
import type { MeasuredWith } from './machine.ts'
import { reportRows } from './report.ts'
import { type KeptRow, merged } from './results.ts'

const contender: Contender = () => Promise.reject(new Error('not run here'))
const workOf = (name: string): OneFigure => ({
  work: name,
  about: `What ${name} is.`,
  durability: 'power-loss',
  unit: 'events/s',
  marks: { yardstick: 0.9 },
  tidings: contender,
  yardstick: contender,
})
const works = [workOf('append'), workOf('rebuild')]
const measured: MeasuredWith = {
  date: '2026-11-30',
  node: 'v24',
  sqlite: '3.53',
  machine: 'linux',
  load: 0.1,
  turns: 3,
}

function kept(work: OneFigure, figure: number, date = measured.date): KeptRow {
  const figures = {
    tidings: [{ figure, cpuMicros: 20 }],
    yardstick: [{ figure: 100, cpuMicros: 10 }],
    emmett: [{ figure: 5 }],
  }
  const [row] = reportRows(work, { figures, oneCore: {}, errors: {} })
  return { ...row!, measured: { ...measured, date } }
}

test('the results stand between the two lines of the document, and nothing else changes', () => {
  const document = 'Before.\n<!-- bench:begin -->\nold\n<!-- bench:end -->\nAfter.\n'
  const written = withResults(
    document,
    works.map((work) => kept(work, 80)),
    works,
  )
  expect(written).toMatch(/^Before\.\n<!-- bench:begin -->\n2026-11-30, Node v24, .*; medians of 3 turns\.\n/)
  expect(written).toMatch(/<!-- bench:end -->\nAfter\.\n$/)
  expect(written).not.toContain('old')
  const line =
    '| append | power-loss | events/s ↑ | 80 | 100 | 0.80 | – | 20 | 10 | 0.50 | 0.80 × by hand (≥ 0.9) **missed**;'
  expect(written).toContain(line)
  expect(written).toContain('| rebuild | power-loss | events/s ↑ | 80 | 5 | – | – |')
  expect(written).toContain('- **append**: What append is.')
  expect(
    withResults(
      written,
      works.map((work) => kept(work, 80)),
      works,
    ),
  ).toBe(written)
  expect(() => withResults('no lines', [], works)).toThrow('bench:begin')
})

test('rows of two runs say which run they are of', () => {
  const written = withResults(
    '<!-- bench:begin -->\n<!-- bench:end -->',
    [kept(works[0]!, 80), kept(works[1]!, 90, '2026-12-01')],
    works,
  )
  expect(written).toContain('[2] 2026-12-01, ')
  expect(written).toContain('| append [1] |')
  expect(written).toContain('| rebuild [2] |')
})

test('a run of some rows replaces those alone, in the order of the works; rows that no work has any more are dropped', () => {
  const before = [kept(workOf('gone'), 1), kept(works[1]!, 50), kept(works[0]!, 50)]
  const rows = merged(before, [kept(works[1]!, 70)], works)
  expect(rows.map(({ work, wall }) => [work, wall.tidings])).toEqual([
    ['append', 50],
    ['rebuild', 70],
  ])
})

test('a ratio more than 15 % below the committed one is too low', () => {
  expect(isTooLow(0.86, 1)).toBe(false)
  expect(isTooLow(0.84, 1)).toBe(true)
  expect(isTooLow(1.3, 1)).toBe(false)
})

test('a process that is pinned has one core, and has all again afterwards', async () => {
  const cores = usableCores()
  // Not on Linux, or a machine with one core: there is nothing to pin.
  if (cores === undefined) return
  expect(await onOneCore([process.pid], cores, async () => usableCores())).toBeUndefined()
  expect(usableCores()).toBe(cores)
})

test('a counter wakes up whoever waits for its number', async () => {
  const counter = new Counter()
  const reached = counter.atLeast(2)
  counter.add()
  counter.add()
  await reached
  await counter.atLeast(1)
  expect(counter.count).toBe(2)
})
