// Inspecting what takes time: instances of process managers and their histories, timers, effects that are not performed yet.

import { defineService, fact, TidingsError } from 'tidings'
import {
  acceptEpoch,
  deferredEvents,
  listProcesses,
  listProcessesOf,
  listTimers,
  pendingEffects,
  redrive,
  showProcess,
} from 'tidings/operations'
import { expect, onTestFinished, test } from 'vitest'
import { z } from 'zod'
import { engines } from '../promises/setup/engines.ts'
import { createWorld } from '../promises/setup/world.ts'
import {
  later,
  minute,
  orders,
  Placed,
  pay,
  payments,
  paymentsWith,
  place,
  schedule,
  worldWith,
} from '../systems/payments.ts'

const each = engines.map((kind) => [kind.name, kind] as const)

test.each(each)('%s: instances are listed by process, key and state, in pages', async (_name, kind) => {
  const world = await worldWith(kind)
  for (const key of ['b/1', 'a 1', 'c#2', 'd']) await place(world, key)
  await world.settle()
  await pay(world, 'c#2')
  await world.settle()
  const all = await listProcesses(payments(world))
  expect(all.instances.map(({ key, state }) => [key, state])).toEqual([
    ['a 1', 'running'],
    ['b/1', 'running'],
    ['c#2', 'ended'],
    ['d', 'running'],
  ])
  expect(all).toMatchObject({ service: 'payments', next: undefined })
  const keys: string[] = []
  for (let after: string | undefined, page = 0; page < 20; page++) {
    const listed = await listProcesses(payments(world), {
      process: 'payment',
      state: 'running',
      limit: 1,
      ...(after === undefined ? {} : { after }),
    })
    keys.push(...listed.instances.map(({ key }) => key))
    expect(listed.instances).toHaveLength(1)
    after = listed.next
    if (after === undefined) break
  }
  expect(keys).toEqual(['a 1', 'b/1', 'd'])
  expect((await listProcesses(payments(world), { state: 'ended' })).instances.map(({ key }) => key)).toEqual(['c#2'])
  expect((await listProcesses(payments(world), { after: 'payment/b/1' })).instances.map(({ key }) => key)).toEqual([
    'c#2',
    'd',
  ])
})

test.each(each)('%s: a history shows what came in, what was decided and what went out', async (_name, kind) => {
  const world = await worldWith(kind)
  await place(world, 'o/1')
  await world.settle()
  const began = world.clock.now()
  await later(world, 10 * minute)
  const history = await showProcess(payments(world), 'payment', 'o/1')
  expect(history).toMatchObject({
    instance: { service: 'payments', process: 'payment', key: 'o/1', run: 1, state: 'running', steps: 2 },
    state: { reminders: 1 },
    stateError: undefined,
    earlier: undefined,
    steps: [
      {
        number: 1,
        input: { kind: 'event', name: 'test.placed' },
        facts: [{ type: 'awaited', streamVersion: 1, data: { text: 'x' }, causedBy: 'process/payment' }],
        timers: [{ name: 'remind' }],
      },
      {
        number: 2,
        input: { kind: 'timer', name: 'remind' },
        facts: [{ type: 'reminded', data: { count: 1 } }],
        requested: [{ effect: 'mail' }],
      },
    ],
    timers: [{ name: 'remind', process: 'payment', state: 'set' }],
    effects: [],
  })
  expect(history.timers[0]?.dueAt).toBeGreaterThanOrEqual(began + 19 * minute)

  await pay(world, 'o/1')
  await world.settle()
  await place(world, 'o/1')
  await world.settle()
  const again = await showProcess(payments(world), 'payment', 'o/1')
  expect(again).toMatchObject({ instance: { run: 2, steps: 4 }, state: { reminders: 0 } })
  expect(again.steps.map(({ run, ended, facts }) => [run, ended, facts.map(({ type }) => type)])).toEqual([
    [1, undefined, ['awaited']],
    [1, undefined, ['reminded']],
    [1, true, ['paid']],
    [2, undefined, ['awaited']],
  ])
  const newest = await showProcess(payments(world), 'payment', 'o/1', { limit: 2 })
  expect(newest).toMatchObject({ earlier: 3, steps: [{ number: 3 }, { number: 4 }] })
  const older = await showProcess(payments(world), 'payment', 'o/1', { before: 3, limit: 1 })
  expect(older).toMatchObject({ earlier: 2, steps: [{ number: 2, facts: [{ type: 'reminded' }] }] })
})

test.each(each)('%s: timers are listed next due first, and effects show why they wait', async (_name, kind) => {
  let broken = true
  const world = await worldWith(kind, {
    perform: () => {
      if (broken) throw new RangeError('no mail today')
    },
  })
  await schedule(world, 'weekly', 30)
  await place(world, 'o-1')
  await schedule(world, 'daily', 5)
  await world.settle()
  const timers = await listTimers(payments(world))
  expect(timers.timers.map(({ process: owner, name, key }) => [owner, name, key])).toEqual([
    [undefined, 'report', 'daily'],
    ['payment', 'remind', 'o-1'],
    [undefined, 'report', 'weekly'],
  ])
  expect(await listTimers(payments(world), { limit: 2 })).toMatchObject({ more: true, timers: [{}, {}] })
  expect(await listTimers(payments(world), { id: 'timer/-/report/weekly' })).toMatchObject({
    timers: [{ key: 'weekly', causedBy: 'command/schedule' }],
  })
  expect(await pendingEffects(payments(world))).toEqual({ service: 'payments', effects: [], more: false })

  await later(world, 10 * minute)
  const { effects } = await pendingEffects(payments(world))
  expect(effects).toMatchObject([
    {
      name: 'mail',
      key: 'o-1',
      state: 'parked',
      attempts: 2,
      causedBy: 'timer/payment.remind',
      data: { to: 'o-1', text: 'Please pay.' },
      error: { code: 'HANDLER_FAILED', message: expect.stringContaining('no mail today') },
    },
  ])
  expect((await showProcess(payments(world), 'payment', 'o-1')).effects).toEqual(effects)
  expect(deferredEvents(payments(world))).toMatchObject([{ id: effects[0]?.id, source: '~effects', state: 'parked' }])
  broken = false
  await world.run(redrive(payments(world), { type: 'mail' }, { dryRun: false }))
  await world.settle()
  expect((await pendingEffects(payments(world))).effects).toEqual([])
})

test.each(each)(
  '%s: an open breaker shows what has failed, and the waiting effects are performed when it closes',
  async (_name, kind) => {
    let broken = true
    const world = await worldWith(kind, {
      breaker: { failures: 1, pauseMs: 1_000 },
      perform: () => {
        if (broken) throw new RangeError('no mail today')
      },
    })
    await place(world, 'o-1')
    await world.settle()
    await world.advance(10 * minute + 100)
    const subscriber = payments(world).status.subscriptions.find(
      ({ kind: subscriptionKind }) => subscriptionKind === 'effects',
    )
    expect(subscriber).toMatchObject({
      state: 'paused',
      error: { code: 'EFFECT_PAUSED', message: expect.stringContaining('(last error: RangeError: no mail today)') },
    })
    expect(await pendingEffects(payments(world))).toMatchObject({
      effects: [{ state: 'waiting', attempts: 1, error: { code: 'EFFECT_PAUSED' } }],
    })
    broken = false
    await world.settle()
    expect(await pendingEffects(payments(world))).toMatchObject({ effects: [] })
  },
)

test.each(each)(
  '%s: a parked timer is listed as parked; once it is set again, only the new setting is listed',
  async (_name, kind) => {
    const world = await worldWith(kind, {
      report: () => {
        throw new RangeError('no report today')
      },
    })
    await schedule(world, 'daily', 5)
    await world.settle()
    await world.advance(6 * minute)
    await world.settle()
    expect(await listTimers(payments(world))).toMatchObject({
      timers: [{ key: 'daily', state: 'parked', error: { message: expect.stringContaining('no report today') } }],
    })
    await schedule(world, 'daily', 60)
    const { timers } = await listTimers(payments(world))
    expect(timers.map(({ key, state }) => [key, state])).toEqual([['daily', 'set']])
  },
)

test.each(each)('%s: unknown names are refused with the known ones', async (_name, kind) => {
  const world = await worldWith(kind)
  await place(world, 'o-1')
  await world.settle()
  const services = [world.system.service('orders'), payments(world)]
  await expect(listProcesses(payments(world), { process: 'paymnt' })).rejects.toMatchObject({
    code: 'UNKNOWN_PROCESS',
    details: { processes: ['payment'] },
  })
  await expect(showProcess(payments(world), 'payment', 'o-2')).rejects.toMatchObject({ code: 'UNKNOWN_PROCESS' })
  await expect(listProcessesOf(services, { process: 'nothing' })).rejects.toMatchObject({
    code: 'UNKNOWN_PROCESS',
    details: { processes: ['payment'] },
  })
  expect(await listProcessesOf(services, { process: 'payment' })).toMatchObject([{ instances: [{ key: 'o-1' }] }])
})

test.each(each)(
  '%s: instances of a process that the code no longer has can still be inspected',
  async (_name, kind) => {
    const world = await worldWith(kind)
    await place(world, 'o-1')
    await world.settle()
    await world.restart([orders, paymentsWith({ withoutProcess: true })])
    await world.settle()
    expect(await listProcesses(payments(world))).toMatchObject({ instances: [{ process: 'payment', key: 'o-1' }] })
    expect(await showProcess(payments(world), 'payment', 'o-1')).toMatchObject({
      stateError: { code: 'UNKNOWN_PROCESS' },
      steps: [{ facts: [{ type: 'awaited', data: { text: 'x' } }] }],
    })
  },
)

test('P11: the values of a history are bounded, and the size of what is left out is shown', async () => {
  const [, kind] = engines
  if (kind === undefined) throw new TidingsError('INVARIANT', 'no engine')
  const world = await worldWith(kind, { textLength: 900_000 })
  for (let run = 0; run < 6; run++) {
    await place(world, 'o-1')
    await world.settle()
    await pay(world, 'o-1')
    await world.settle()
  }
  const { steps } = await showProcess(payments(world), 'payment', 'o-1')
  const awaited = steps.flatMap(({ facts }) => facts.filter(({ type }) => type === 'awaited'))
  expect(awaited.map(({ data }) => data === undefined)).toEqual([true, true, false, false, false, false])
  expect(awaited[0]?.omittedBytes).toBeGreaterThan(900_000)
})

test.each(each)('%s: after a source was restored, timers and effects continue unchanged', async (_name, kind) => {
  const world = await worldWith(kind)
  await place(world, 'o-1')
  await world.settle()
  const putBack = await world.engine.backup('orders')
  await place(world, 'o-2')
  await world.settle()
  await world.restart([orders, paymentsWith()], putBack)
  await world.advance(1_000)
  const checkpoints = () =>
    payments(world)
      .subscriptions.filter(({ subscription }) => subscription.source.startsWith('~'))
      .map(({ subscription }) => subscription.checkpoint)
  const before = checkpoints()
  const accepted = await world.run(acceptEpoch(payments(world), 'orders', 'kept'))
  expect(accepted).toMatchObject([{ subscriber: 'payment', rebuilt: false }])
  expect(checkpoints()).toEqual(before)
  await world.settle()
  await later(world, 10 * minute)
  for (const key of ['o-1', 'o-2'])
    expect(await showProcess(payments(world), 'payment', key)).toMatchObject({ state: { reminders: 1 } })
  await expect(acceptEpoch(payments(world), '~timers', 'now')).rejects.toMatchObject({ code: 'UNKNOWN_SUBSCRIBER' })
})

test.each(each)('%s: a list continues from one process to the next, whatever their names', async (_name, kind) => {
  const definition = defineService('twins')
  const manager = (name: string) =>
    definition
      .process(name, { facts: { seen: fact(z.object({})) }, initialState: () => ({}), evolve: { seen: (s) => s } })
      .starts(
        Placed,
        (order) => order.orderId,
        (_order, { facts }) => facts.seen({}),
      )
  const twins = definition.with({ one: manager('pay'), two: manager('pay-late'), three: manager('pay0') })
  const world = await createWorld(kind, [orders, twins])
  onTestFinished(() => world.close())
  for (const key of ['a/b', 'c']) await place(world, key)
  await world.settle()
  const found: string[] = []
  for (let after: string | undefined, page = 0; page < 20; page++) {
    const listed = await listProcesses(world.system.service('twins'), {
      state: 'running',
      limit: 1,
      ...(after === undefined ? {} : { after }),
    })
    found.push(...listed.instances.map((instance) => `${instance.process} ${instance.key}`))
    after = listed.next
    if (after === undefined) break
  }
  expect(found).toEqual(['pay-late a/b', 'pay-late c', 'pay a/b', 'pay c', 'pay0 a/b', 'pay0 c'])
})
