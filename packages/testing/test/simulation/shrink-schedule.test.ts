// Shrinking schedules: actions that a failure does not need are removed, and the others keep their time.

import { expect, test } from 'vitest'
import type { Action, Schedule } from '../../src/index.ts'
import { shrinkSchedule } from '../../src/simulation/search/shrink-schedule.ts'

const command = (number: number): Action => {
  const step = {
    service: 'post',
    command: 'send',
    input: { number },
    sequence: '',
    occurredAt: undefined,
    principal: undefined,
  }
  return { kind: 'command', step, number, again: false, afterMs: 20 }
}
const crash = (nth: number): Action => ({
  kind: 'fault',
  fault: { fault: 'crash', service: 'post', point: 'commit', moment: 'after', nth, downMs: 100 },
  afterMs: 20,
})
const schedule: Schedule = {
  seed: 1,
  actions: Array.from({ length: 50 }, (_, index) => (index === 30 ? crash(3) : command(index))),
}

const shrink = async (fails: (actions: readonly Action[]) => boolean) => {
  let tries = 0
  const smallest = await shrinkSchedule(schedule, {
    fails: async ({ actions }) => {
      tries++
      return fails(actions)
    },
  })
  return { actions: smallest.actions, tries }
}

test('an action whose time matters keeps it when earlier actions are left out', async () => {
  const { actions, tries } = await shrink((tried) => {
    const crashed = tried.findIndex(({ kind }) => kind === 'fault')
    const atMs = tried.slice(0, crashed + 1).reduce((sum, { afterMs }) => sum + afterMs, 0)
    return crashed >= 0 && atMs > 600 && atMs < 640
  })
  expect(actions).toEqual([{ ...crash(1), afterMs: 31 * 20 }])
  expect(tries).toBeLessThan(100)
})

test('an action of which only the order matters loses its pauses, and its fault takes the first opportunity', async () => {
  const { actions } = await shrink((tried) => tried.some(({ kind }) => kind === 'fault') && tried.length >= 3)
  expect(actions).toHaveLength(3)
  expect(actions.map(({ afterMs }) => afterMs)).toEqual([0, 0, 0])
  expect(actions.find(({ kind }) => kind === 'fault')).toMatchObject({ fault: { nth: 1 } })
})

test('no more schedules are played than allowed', async () => {
  let tries = 0
  const fails = async ({ actions }: Schedule) => {
    tries++
    return actions.length > 40
  }
  await shrinkSchedule(schedule, { fails, triesMax: 25 })
  expect(tries).toBe(25)
})

test('instances and clocks that a failure does not need are removed', async () => {
  const several: Schedule = { ...schedule, instances: 4, clocksDiffer: true }
  const smallest = (fails: (tried: Schedule) => boolean) =>
    shrinkSchedule(several, { fails: async (tried) => tried.actions.length > 0 && fails(tried) })
  expect(await smallest(() => true)).toMatchObject({ instances: 1, actions: [expect.anything()] })
  expect(await smallest(() => true)).not.toHaveProperty('clocksDiffer')
  expect(await smallest(({ instances = 1 }) => instances >= 3)).toMatchObject({ instances: 3 })
  expect(await smallest(({ clocksDiffer }) => clocksDiffer === true)).toMatchObject({
    instances: 1,
    clocksDiffer: true,
  })
})
