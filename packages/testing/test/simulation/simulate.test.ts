// The simulator itself: it is deterministic, finds planted bugs, and shrinks their schedules.

import { expect, test } from 'vitest'
import { type Action, defineInvariant, failureLines, memoryEngines, playSeed, simulate } from '../../src/index.ts'
import { AddressChanged, LetterSent, letters, mail } from './letters-system.ts'

const simulation = { workload: mail, stepCount: 30 }

const nameOf = (action: Action): string =>
  action.kind === 'command' ? action.step.command : action.kind === 'fault' ? action.fault.fault : action.kind

test('P10: the same seed gives the same run, line by line', async () => {
  for (const engine of memoryEngines) {
    const options = { services: letters(), simulation, engines: [engine] }
    for (const seed of [3, 4, 5]) {
      const first = await playSeed(seed, options)
      const second = await playSeed(seed, options)
      expect(second.trace, engine.name).toEqual(first.trace)
      expect(second.schedule).toEqual(first.schedule)
      expect(first.trace.length).toBeGreaterThan(50)
    }
  }
  const [one, other] = [
    await playSeed(1, { services: letters(), simulation }),
    await playSeed(2, { services: letters(), simulation }),
  ]
  expect(one.trace).not.toEqual(other.trace)
})

test('a correct system breaks no promise, whatever faults occur', async () => {
  const report = await simulate({ services: letters(), simulation, runs: 40 })
  expect(report.failed && failureLines(report.failed, '')).toBeUndefined()
  expect(report).toMatchObject({ runs: 40, commands: 1_200 })
  expect(Object.keys(report.engines)).toEqual(memoryEngines.map(({ name }) => name).sort())
})

test('a planted bug is found, and its schedule is shrunk as far as possible', async () => {
  // Somebody who moved gets a third letter: no single step shows that.
  const invariants = [
    defineInvariant('nobody who has moved gets three letters', async ({ events }) => {
      const moved = new Set((await events(AddressChanged)).map(({ key }) => key))
      const letters = Map.groupBy(await events(LetterSent), ({ key }) => key)
      const found = [...letters].find(([key, all]) => moved.has(key) && all.length >= 3)
      return found && `${found[0]} has moved, and got ${found[1].length} letters`
    }),
  ]
  const { failed } = await simulate({ services: letters(), simulation: { ...simulation, invariants }, runs: 40 })
  expect(failed?.replays).toBe(true)
  const actions = failed?.smallest.schedule.actions ?? []
  expect(actions.map(nameOf).sort()).toEqual(['change-address', 'send-letter', 'send-letter', 'send-letter'])
  const lines = failed === undefined ? '' : failureLines(failed, 'npx tidings simulate --seed 1').join('\n')
  expect(lines).toMatch(/^Seed \d+ breaks a promise: nobody who has moved gets three letters\./)
  expect(lines).toMatch(/The smallest schedule that still fails has 4 steps of \d+:/)
  expect(lines).toMatch(/Play it again: npx tidings simulate --seed 1$/)
})

test('an invariant of every step is checked during the run', async () => {
  const invariants = [
    defineInvariant('there are at most nine letters', { at: 'every-step' }, async ({ events }) => {
      const { length } = await events(LetterSent)
      return length > 9 ? `there are ${length}` : undefined
    }),
  ]
  const withoutFaults = { ...simulation, invariants, faults: false as const }
  const { failed } = await simulate({ services: letters(), simulation: withoutFaults, runs: 5 })
  expect(failed?.run.failure).toMatchObject({ checker: 'invariant: there are at most nine letters' })
  expect(failed?.run.failure?.step).toBeLessThan(30)
  expect(failed?.smallest.schedule.actions).toHaveLength(10)
})

test('code that keeps state between two runs is detected, and its schedule is not shrunk', async () => {
  let kept = 0
  const report = await simulate({ services: letters({ counting: () => ++kept }), simulation, runs: 40 })
  expect(report.failed?.run.failure).toMatchObject({ checker: 'projection-equals-fold' })
  expect(report.failed?.smallest).toBe(report.failed?.run)
  expect(report.failed?.replays).toBe(false)
})

test('without a workload, commands are generated from their schemas', async () => {
  const { failed, commands } = await simulate({ services: letters(), runs: 5 })
  expect(failed).toBeUndefined()
  expect(commands).toBe(200)
  const { commands: sent } = await playSeed(1, { services: letters() })
  expect(new Set(sent.map(({ command }) => command))).toEqual(
    new Set(['send-letter', 'change-address', 'file-letter', 'seal-box']),
  )
  expect(sent.every(({ outcome }) => outcome === 'accepted')).toBe(true)
})

test.each([
  [{ faults: { thunder: 0.1 } as never }, /There is no fault thunder/],
  [{ faults: { crash: 2 } }, /faults\.crash is a probability from 0 to 1, not 2/],
])('a fault rate that makes no sense is refused: %j', async (wrong, message) => {
  await expect(simulate({ services: letters(), simulation: { ...simulation, ...wrong } })).rejects.toThrow(message)
})
