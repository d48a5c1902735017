// Time that passes: a workload may wait for hours, faults begin meanwhile, and waiting is cheap.

import { describe, expect, test } from 'vitest'
import {
  defineInvariant,
  describeAction,
  failureLines,
  playSeed,
  send,
  simulate,
  type WorkloadStep,
  type WorkloadTools,
  wait,
} from '../../src/index.ts'
import { OrderPlaced, OrderReminded, PayOrder, PlaceOrder, remindedOnce, reminders } from './reminders-system.ts'

const hourMs = 3_600_000
const order = (orderId: string, patienceMs: number) => send('orders', PlaceOrder, { orderId, patienceMs })
const pay = (orderId: string) => send('orders', PayOrder, { orderId })

/** Orders that are paid just before, just after, or long after they are reminded of. */
function* patientCustomers({ random }: WorkloadTools): Iterable<WorkloadStep> {
  for (let number = 1; ; number++) {
    const hours = random.pick([0.25, 0.5, 1])
    yield order(`o-${number}`, hours * hourMs)
    yield wait({ milliseconds: hours * hourMs - random.whole(-500, 500) })
    yield pay(`o-${number}`)
  }
}

describe('wait', () => {
  test('timers of hours come due while a workload waits, and commands race with them', async () => {
    const simulation = { workload: patientCustomers, invariants: remindedOnce, stepCount: 18, faults: { crash: 0.5 } }
    const report = await simulate({ services: reminders, simulation, runs: 12 })
    expect(report.failed && failureLines(report.failed, '')).toBeUndefined()
    // Only some of the steps are commands.
    expect(report.commands).toBe(12 * 12)
    for (const moment of ['before', 'after']) expect(report.faults[`crash ${moment} timer-claim`]).toBeGreaterThan(2)
  })

  test('P10: the same seed gives the same schedule; faults begin within a wait, whose parts add up to its length', async () => {
    function* oneWait(): Iterable<WorkloadStep> {
      yield wait({ hours: 2 })
    }
    const faults = { crash: 1, clockJump: 1, delay: 1 }
    const play = (seed: number) => playSeed(seed, { services: reminders, simulation: { workload: oneWait, faults } })
    const seeds = [1, 2, 3, 4, 5]
    const schedules = await Promise.all(seeds.map(async (seed) => (await play(seed)).schedule.actions))
    expect(await Promise.all(seeds.map(async (seed) => (await play(seed)).schedule.actions))).toEqual(schedules)
    for (const actions of schedules) {
      expect(actions.filter(({ kind }) => kind === 'fault').length).toBeGreaterThan(2)
      const waits = actions.map((action) => (action.kind === 'wait' ? action.waitMs : 0))
      expect(waits.reduce((sum, each) => sum + each)).toBe(2 * hourMs)
    }
    expect(schedules.some((actions) => actions.filter(({ kind }) => kind === 'wait').length > 1)).toBe(true)
    expect(describeAction({ kind: 'wait', waitMs: 2 * hourMs, afterMs: 0 })).toBe('nothing is sent for 2 h')
    expect(describeAction({ kind: 'wait', waitMs: 90_500, afterMs: 0 })).toBe('nothing is sent for 90500 ms')
  })

  test('a wait that a failure does not need is left out, and one that it needs stays', async () => {
    const never = defineInvariant('nobody is reminded', async ({ events }) => (await events(OrderReminded))[0]?.key)
    function* workload(): Iterable<WorkloadStep> {
      yield wait({ hours: 3 })
      yield order('o-1', hourMs)
      yield wait({ hours: 1 })
      yield wait({ minutes: 5 })
    }
    const simulation = { workload, invariants: [never], faults: false as const }
    const { failed } = await simulate({ services: reminders, simulation, runs: 1 })
    expect(failed?.smallest.schedule.actions.map(describeAction)).toEqual([
      'place-order of orders {"orderId":"o-1","patienceMs":3600000}',
      'nothing is sent for 1 h',
    ])
  })
})

describe('once faults have stopped', () => {
  function* workload(): Iterable<WorkloadStep> {
    for (let number = 1; number <= 40; number++) yield order(`o-${number}`, number * 2_000)
    yield order('o-late', 9 * hourMs)
  }

  test('hours pass from timer to timer if `settleFor` asks for it, and each comes due in its order', async () => {
    const allInOrder = defineInvariant('everybody is reminded, in order', async ({ events }) => {
      const reminded = (await events(OrderReminded)).map(({ occurredAt }) => occurredAt.getTime())
      if (reminded.length !== (await events(OrderPlaced)).length) return `${reminded.length} were reminded`
      return reminded.every((at, index) => at >= (reminded[index - 1] ?? 0)) ? undefined : 'not in their order'
    })
    const simulation = { workload, invariants: [allInOrder], faults: false as const, settleFor: { hours: 10 } }
    const { failed } = await simulate({ services: reminders, simulation, runs: 5 })
    expect(failed && failureLines(failed, '')).toBeUndefined()
  })

  test('P7: a timer that is still set does not come due while everything is rebuilt', async () => {
    const { failed } = await simulate({ services: reminders, simulation: { workload, faults: false }, runs: 5 })
    expect(failed && failureLines(failed, '')).toBeUndefined()
  })

  // The warehouse locks up every ten minutes. In each run the rebuild begins at another minute of these ten.
  test('P7: a recurring timer, which follows a clock that goes back, does not come due while everything is rebuilt', async () => {
    for (let minute = 0; minute < 10; minute++) {
      const waits = function* (): Iterable<WorkloadStep> {
        yield order('o-1', 1)
        yield wait({ minutes: 10 + minute })
      }
      const run = await playSeed(1, { services: reminders, simulation: { workload: waits, faults: false } })
      expect(run.failure, `after ${minute} minutes`).toBeUndefined()
    }
  })
})
