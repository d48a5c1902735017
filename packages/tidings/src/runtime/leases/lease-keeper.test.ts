// What a keeper does with the groups of its instance, on a store that a test shares with it.

import { expect, test } from 'vitest'
import {
  createManualClock,
  createManualTimeouts,
  createSeededRandom,
  createSequentialIds,
  memoryDriver,
} from '../../memory/index.ts'
import type { Environment, LogLine } from '../../ports/index.ts'
import { defineService } from '../../services/index.ts'
import { ServiceCore } from '../core/service-core.ts'
import { ensureSystemTables, sharedTables } from '../unit-of-work/system-tables.ts'
import { UnitOfWork } from '../unit-of-work/unit-of-work.ts'
import { LeaseKeeper } from './lease-keeper.ts'
import type { Tenure } from './tenure.ts'

const lookMs = 1_000

/** An instance, and what it was asked to begin and to end. */
async function instanceOf(groups: readonly string[], ending: (tenure: Tenure) => Promise<void> = async () => {}) {
  const clock = createManualClock()
  const timeouts = createManualTimeouts(clock)
  const lines: LogLine[] = []
  const environment: Environment = {
    clock,
    timeouts,
    ids: createSequentialIds(),
    random: createSeededRandom(1),
    log: (line) => void lines.push(line),
  }
  const engine = await memoryDriver({ writers: 'many' }).open(environment)
  const store = await engine.openStore('mill')
  await ensureSystemTables(store)
  const unused = () => {
    throw new Error('Nothing is asked.')
  }
  const { broker } = engine
  const core = new ServiceCore(defineService('mill', {}).with({}), {
    store,
    broker,
    environment,
    lookUp: unused,
    runCommand: unused,
  })
  const begun: Tenure[] = []
  const ended: Tenure[] = []
  const keeper = new LeaseKeeper(core, {
    instance: 'a',
    holding: {
      begin: async (tenure) => void begun.push(tenure),
      end: async (tenure) => {
        ended.push(tenure)
        await ending(tenure)
      },
      looked: async () => {},
    },
  })
  await timeouts.runUntil(keeper.announce().then(() => keeper.hold(groups, 1)))
  const expiresAt = clock.now() + 3_600_000
  /** Another instance that only says that it is alive. */
  const join = async (name: string, code = 1) => {
    const unit = new UnitOfWork(store)
    unit.putDocument(sharedTables.instances, name, { run: name, expiresAt, code })
    await core.commit(unit)
  }
  const leave = async (name: string) => {
    const unit = new UnitOfWork(store)
    unit.deleteRow(sharedTables.instances, name)
    await core.commit(unit)
  }
  return { core, keeper, begun, ended, lines, join, leave, look: () => timeouts.advance(2 * lookMs), timeouts }
}

test('what was given back has ended: its signal has fired, and nothing of it commits when the group has come back', async () => {
  const { core, keeper, begun, join, leave, look, timeouts } = await instanceOf(['x'])
  const [first] = begun
  if (first === undefined) throw new Error('It has begun nothing.')
  await join('newer', 2)
  await look()
  expect(keeper.groups).toEqual([])
  expect(first.signal.aborted).toBe(true)
  await leave('newer')
  await look()
  expect(keeper.groups).toEqual(['x'])
  const late = new UnitOfWork(core.store)
  late.putDocument(sharedTables.leases, 'late', {})
  await expect(core.within(first).commit(late)).rejects.toMatchObject({ code: 'LEASE_LOST' })
  await look()
  expect(keeper.groups).toEqual(['x'])
  expect(begun).toHaveLength(2)
  await timeouts.runUntil(keeper.close())
})

test('what takes long to end keeps nothing else from instances that join', async () => {
  let goOn = () => {}
  const long = new Promise<void>((resolve) => {
    goOn = resolve
  })
  const { keeper, ended, join, look, timeouts } = await instanceOf(['1', '2', '3', '4'], () => long)
  await join('b')
  await look()
  expect(ended).toHaveLength(2)
  await join('c')
  await join('d')
  await look()
  expect(new Set(ended).size).toBe(3)
  goOn()
  await look()
  expect(keeper.groups).toHaveLength(1)
  await timeouts.runUntil(keeper.close())
})

test('what does not end as it should is given back all the same, and says so', async () => {
  const { keeper, lines, join, look, timeouts } = await instanceOf(['x'], () => Promise.reject(new Error('stuck')))
  await join('newer', 2)
  await look()
  expect(keeper.groups).toEqual([])
  expect(lines).toMatchObject([{ level: 'error', fields: { group: 'x', error: 'stuck' } }])
  await timeouts.runUntil(keeper.close())
})
