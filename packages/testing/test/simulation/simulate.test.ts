// The simulator itself: it is deterministic, it finds what was planted, and what it finds it makes small.

import { expect, test } from 'vitest'
import { failureLines, playSeed, simulate } from '../../src/index.ts'
import { letters, mail } from './letters-system.ts'

const simulation = { workload: mail, stepCount: 30 }

test('P10: the same seed gives the same run, line by line', async () => {
  for (const seed of [3, 4, 5]) {
    const first = await playSeed(seed, { services: letters(), simulation })
    const second = await playSeed(seed, { services: letters(), simulation })
    expect(second.trace).toEqual(first.trace)
    expect(second.schedule).toEqual(first.schedule)
    expect(first.trace.length).toBeGreaterThan(50)
  }
  const [one, other] = [
    await playSeed(1, { services: letters(), simulation }),
    await playSeed(2, { services: letters(), simulation }),
  ]
  expect(one.trace).not.toEqual(other.trace)
})

test('a sound system has good days and bad ones, and breaks no promise', async () => {
  const report = await simulate({ services: letters(), simulation, runs: 40 })
  expect(report.failed && failureLines(report.failed, '')).toBeUndefined()
  expect(report).toMatchObject({ runs: 40, commands: 1_200 })
  expect(Object.keys(report.engines)).toEqual(['memory, outbox read', 'memory, relayed'])
})

test('a handler that keeps something outside of its store is found, and the schedule made small', async () => {
  // A counter in memory: it is lost when the process dies, and counts what was undone.
  let kept = 0
  const services = letters({ counting: () => ++kept })
  const report = await simulate({ services, simulation, runs: 40 })
  expect(report.failed?.run.failure).toMatchObject({ checker: 'projection-equals-fold' })
  const smallest = report.failed?.smallest.schedule.actions.length ?? 0
  expect(smallest).toBeLessThanOrEqual(3)
  const lines = report.failed === undefined ? [] : failureLines(report.failed, 'npx tidings simulate --seed 1')
  expect(lines.join('\n')).toMatch(
    /^Seed \d+ breaks a promise[\s\S]*counts of desk holds[\s\S]*Play it again: npx tidings simulate --seed 1$/,
  )
})
