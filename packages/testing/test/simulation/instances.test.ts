// Several instances of a service in a simulation: they share a store, each on a host with a clock of its own, and faults start, stop, pause and cut off
// single ones.

import { defineCommand, defineService, defineTable } from 'tidings'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import {
  defineInvariant,
  engineInFolder,
  memoryEngines,
  parseTraceLine,
  playSchedule,
  playSeed,
  type Schedule,
  send,
  simulate,
  type WorkloadTools,
  wait,
} from '../../src/index.ts'
import { HostClocks, skewMsMax } from '../../src/simulation/system/host-clocks.ts'

const accounts = defineTable('accounts')
  .version(1, z.object({ owner: z.string(), cents: z.number() }))
  .key(({ owner }) => owner)
const paid = z.object({ owner: z.string(), cents: z.number() })
const Deposit = defineCommand('deposit', { input: paid, key: ({ owner }) => owner })

const definition = defineService('bank', { tables: { accounts } })
const bank = definition.with({
  deposit: definition.command(Deposit, async ({ owner, cents }, { tables }) => {
    const present = await tables.accounts.get(owner)
    tables.accounts.put({ owner, cents: (present?.cents ?? 0) + cents })
  }),
})

function* deposits({ random }: WorkloadTools) {
  for (let number = 1; ; number++) {
    yield send(bank, Deposit, { owner: random.pick(['ann', 'bob']), cents: 1 })
    if (number % 5 === 0) yield wait({ seconds: random.whole(1, 60) })
  }
}

const stepCount = 48
const allDeposited = defineInvariant('every cent is deposited once', async ({ rows }) => {
  const total = (await rows(bank, 'accounts')).reduce((sum, { cents }) => sum + cents, 0)
  return total === stepCount - Math.floor(stepCount / 6) ? undefined : `${total} cents are there`
})
const services = [bank]
const simulation = { workload: deposits, stepCount, invariants: [allDeposited] }
const faults = { cutOff: 0.2, pause: 0.2, scale: 0.2, rollout: 0.1 }
const often = { ...simulation, faults }

describe('several instances', () => {
  test('commands of one key are carried out once, whatever becomes of single instances', async () => {
    const report = await simulate({ services, simulation: often, instances: 3, runs: 20 })
    expect(report.failed?.run.failure).toBeUndefined()
    expect(report.instances).toEqual({ 3: 20 })
    for (const fault of Object.keys(faults)) expect(report.faults[fault], fault).toBeGreaterThan(10)
  })

  test('each has a name, and answers some of the commands', async () => {
    const { trace } = await playSeed(1, { services, simulation: { ...simulation, faults: false }, instances: 3 })
    const committers = trace.map(parseTraceLine).filter(({ what }) => /^commits [2-9] rows$/.test(what))
    expect([...new Set(committers.map(({ who }) => who))].sort()).toEqual(['bank.1', 'bank.2', 'bank.3'])
  })

  test('P10: the same seed gives the same run, line by line', async () => {
    for (const engine of memoryEngines) {
      const options = { services, simulation: often, engines: [engine], instances: 4 }
      const [first, second] = [await playSeed(3, options), await playSeed(3, options)]
      expect(second.trace, engine.name).toEqual(first.trace)
      expect(second.schedule).toEqual(first.schedule)
    }
  })

  test('a failure that needs no second instance is shown with one', async () => {
    const never = defineInvariant('nobody has three cents', async ({ rows }) =>
      (await rows(bank, 'accounts')).some(({ cents }) => cents >= 3) ? 'somebody has' : undefined,
    )
    const { failed } = await simulate({
      services,
      simulation: { ...often, invariants: [never] },
      instances: 3,
      runs: 1,
    })
    expect(failed?.run.schedule).toMatchObject({ instances: 3, clocksDiffer: true })
    expect(failed?.smallest.schedule).toMatchObject({ instances: 1 })
    expect(failed?.smallest.schedule).not.toHaveProperty('clocksDiffer')
    expect(failed?.smallest.schedule.actions).toHaveLength(3)
  })
})

describe('where a service has one instance', () => {
  const onFiles = engineInFolder('files', () => memoryEngines[0]!.open() as never)

  test.each([
    ['the stores of files have one writer', { engines: [onFiles], instances: 3 }],
    ['one instance here, not 2', { simulation: { ...simulation, instancesMax: 1 }, instances: 2 }],
    ['one to 4 instances here, not 5', { instances: 5 }],
    ['one to 4 instances here, not 1.5', { instances: 1.5 }],
  ])('more are refused with a sentence: %s', async (sentence, options) => {
    const refused = simulate({ services, simulation, runs: 1, ...options })
    await expect(refused).rejects.toMatchObject({ code: 'CONFIG_INVALID', message: expect.stringContaining(sentence) })
  })

  test('a store that turns out to have one writer is refused as well', async () => {
    const [memory] = memoryEngines
    const pretender = { name: 'pretender', share: 1, writers: 'many' as const, open: () => memory!.open('one') }
    const refused = simulate({ services, simulation, runs: 1, engines: [pretender], instances: 2 })
    await expect(refused).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
      message: expect.stringContaining('one writer'),
    })
  })

  test('faults of instances are not drawn, and do nothing', async () => {
    const alone = await playSeed(1, { services, simulation: often })
    expect(alone.schedule).not.toHaveProperty('instances')
    expect([...alone.faults.keys()].filter((fault) => fault in faults)).toEqual([])
    const { actions } = (await playSeed(1, { services, simulation: often, instances: 2 })).schedule
    const scaling = actions.filter((action) => action.kind === 'fault' && /scale|rollout/.test(action.fault.fault))
    const run = await playSchedule(
      { seed: 1, actions: scaling },
      { services, simulation: { ...often, invariants: [] } },
    )
    expect(scaling.length).toBeGreaterThan(0)
    expect(run).toMatchObject({ failure: undefined, faults: new Map() })
  })
})

describe('an instance that stands still', () => {
  const play = async (forMs: number) => {
    const begins = { fault: 'pause', service: 'bank', forMs } as const
    const step = { ...send(bank, Deposit, { owner: 'ann', cents: 1 }), sequence: undefined }
    const schedule: Schedule = {
      seed: 1,
      instances: 2,
      actions: [
        { kind: 'wait', waitMs: 1_000, afterMs: 0 },
        { kind: 'fault', fault: begins, afterMs: 0 },
        ...Array.from({ length: 6 }, (_, number) => ({
          kind: 'command' as const,
          step,
          number,
          again: false,
          afterMs: 0,
        })),
        { kind: 'wait', waitMs: 900_000, afterMs: 0 },
      ],
    }
    const { trace, failure, commands } = await playSchedule(schedule, { services, simulation: { invariants: [] } })
    expect(failure).toBeUndefined()
    expect(commands.map(({ outcome }) => outcome)).toEqual(Array.from({ length: 6 }, () => 'accepted'))
    return trace.map(parseTraceLine)
  }

  test('does nothing meanwhile, and then goes on; the others answer for it', async () => {
    const lines = await play(400_000)
    const stopped = lines.find(({ what }) => what.startsWith('FAULT stands still'))
    const since = lines.filter(({ who, atMs }) => who === stopped?.who && atMs > (stopped?.atMs ?? 0))
    expect(since[0]).toMatchObject({ what: 'goes on as if nothing had happened', atMs: (stopped?.atMs ?? 0) + 400_000 })
    const byOthers = lines.filter(({ who, what }) => who !== stopped?.who && /^commits [2-9] rows$/.test(what))
    expect(byOthers.filter(({ atMs }) => atMs >= 1_000 && atMs < 400_000)).toHaveLength(6)
  })
})

test('the clocks of hosts differ from that of the stores by up to an hour, in both directions', () => {
  const skews = Array.from({ length: 300 }, (_, seed) => new HostClocks(seed, true).skewMsOf('orders.2'))
  expect(Math.max(...skews)).toBeGreaterThan(skewMsMax * 0.8)
  expect(Math.min(...skews)).toBeLessThan(skewMsMax * -0.8)
  expect(skews.every((skewMs) => Math.abs(skewMs) <= skewMsMax)).toBe(true)
  expect(new HostClocks(7, true).skewMsOf('orders.2')).toBe(skews[7])
  expect(new HostClocks(7, true).skewMsOf('orders.1')).not.toBe(skews[7])
  expect(new HostClocks(7, false).skewMsOf('orders.2')).toBe(0)
})
