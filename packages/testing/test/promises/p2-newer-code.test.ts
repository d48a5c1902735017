// P2, P3 and P4 while a deployment rolls: older code that has to do the work handles what it can, and passes nothing that only newer code handles.

import type { Service } from 'tidings'
import { deferredEvents, redrive } from 'tidings/operations'
import { expect } from 'vitest'
import { type EngineKind, sharedEngines } from './setup/engines.ts'
import { promise } from './setup/promise-test.ts'
import { type SuspendableInstance, suspendableInstance } from './setup/suspendable-instance.ts'
import { createWorld, type World } from './setup/world.ts'
import { countedIn, counter, notesIn, tell, type WorkshopCode, workshopWith } from './systems/workshop.ts'

const leaseMs = 10_000
const hourMs = 3_600_000

interface Deployment {
  readonly world: World
  /** Starts an instance with this code, when the one before has closed. */
  deploy(code: WorkshopCode): Promise<SuspendableInstance>
  close(): Promise<void>
}

/** Older code has run before, so it is known as such. */
async function deployment(kind: EngineKind, oldest: WorkshopCode = {}): Promise<Deployment> {
  const world = await createWorld(kind, [counter])
  let running: SuspendableInstance | undefined
  const end = async () => {
    if (running !== undefined) await world.run(running.runtime.close())
    running = undefined
  }
  const deploy = async (code: WorkshopCode) => {
    await end()
    running = await suspendableInstance(world, workshopWith(code) as Service, 'workshop')
    await world.advance(leaseMs)
    return running
  }
  await deploy(oldest)
  return {
    world,
    deploy,
    close: async () => {
      await end()
      await world.close()
    },
  }
}

const deferredIn = ({ runtime }: SuspendableInstance) =>
  deferredEvents(runtime).map(({ type, key, state, error }) => [type, key, state, error?.code])
const waiting = 'NEWER_CODE_MISSING'
const linesAbout = (world: World, code: string) =>
  world.lines.filter(({ fields }) => (fields as { code?: string } | undefined)?.code === code)

promise(
  'P2 P4',
  'an event that only newer code handles as a whole waits for it, with its key; older code handles everything else',
  async (kind) => {
    const { world, deploy, close } = await deployment(kind)
    await tell(world, 'cut a1')
    await deploy({ measures: true })
    await tell(world, 'cut a2')
    const old = await deploy({})
    await tell(world, 'sewn a3', 'cut b4', 'sewn b5', 'sewn c6', 'dyed c7', 'sewn c8')
    await world.advance(hourMs)
    expect(await notesIn(old.runtime.store)).toEqual({
      a: ['trim 1', 'trim 2', 'measure 2', 'press 3'],
      c: ['press 6'],
    })
    expect(deferredIn(old)).toEqual([
      ['test.cut', 'b', 'waiting', waiting],
      ['test.sewn', 'b', 'blocked', undefined],
      ['test.dyed', 'c', 'waiting', waiting],
      ['test.sewn', 'c', 'blocked', undefined],
    ])
    const [event] = deferredEvents(old.runtime)
    expect(event, 'it is not tried meanwhile').toMatchObject({ attempts: 0, waits: 1, handlers: ['trim', 'measure'] })
    const main = old.runtime.status.subscriptions.find(({ subscriber }) => subscriber === 'main')
    expect(main).toMatchObject({ state: 'running', waiting: 2, blocked: 2, waitingForNewerCode: 2 })
    const again = await deploy({ measures: true })
    expect(await notesIn(again.runtime.store)).toEqual({
      a: ['trim 1', 'trim 2', 'measure 2', 'press 3'],
      b: ['trim 4', 'measure 4', 'press 5'],
      c: ['press 6', 'dry 7', 'press 8'],
    })
    expect(deferredIn(again)).toEqual([])
    await close()
  },
  sharedEngines,
)

promise(
  'P2',
  'so many events may wait for newer code as a subscription may defer; then it pauses, and passes nothing',
  async (kind) => {
    const { world, deploy, close } = await deployment(kind)
    await deploy({ measures: true, deferredCountMax: 3 })
    const old = await deploy({ deferredCountMax: 3 })
    for (const customer of ['a', 'b', 'c', 'd', 'e']) await tell(world, `cut ${customer}1`)
    await world.advance(hourMs)
    const main = old.runtime.status.subscriptions.find(({ subscriber }) => subscriber === 'main')
    expect(main).toMatchObject({ state: 'paused', error: { code: 'DEFERRED_LIST_FULL' } })
    const again = await deploy({ measures: true, deferredCountMax: 3 })
    await world.advance(leaseMs)
    const both = ['trim 1', 'measure 1']
    expect(await notesIn(again.runtime.store)).toEqual({ a: both, b: both, c: both, d: both, e: both })
    await close()
  },
  sharedEngines,
)

promise(
  'P3',
  'older code runs no handler again that newer code has renamed or removed',
  async (kind) => {
    const { world, deploy, close } = await deployment(kind)
    await tell(world, 'cut a1')
    await deploy({ trims: 'renamed' })
    await tell(world, 'cut a2')
    await deploy({})
    await tell(world, 'cut a3', 'sewn b4')
    const renamed = await deploy({ trims: 'renamed' })
    const ofA = ['trim 1', 'shorten 2', 'shorten 3']
    expect(await notesIn(renamed.runtime.store)).toEqual({ a: ofA, b: ['press 4'] })
    await deploy({ trims: 'not at all' })
    await tell(world, 'cut c5')
    const old = await deploy({})
    await tell(world, 'cut c6', 'sewn c7')
    await world.advance(leaseMs)
    expect(await notesIn(old.runtime.store)).toEqual({ a: ofA, b: ['press 4'], c: ['press 7'] })
    expect(linesAbout(world, 'LATE_HANDLER')).toEqual([])
    await close()
  },
  sharedEngines,
)

promise(
  'P4',
  'what a process manager of newer code hears while older code runs is decided later, in the order of its instances',
  async (kind) => {
    const { world, deploy, close } = await deployment(kind)
    await deploy({ counts: true })
    await tell(world, 'cut a1')
    const old = await deploy({})
    await tell(world, 'cut b1', 'cut c1', 'cut a1', 'sewn d2', 'cut b1')
    await world.advance(hourMs)
    expect(await countedIn(old.runtime.store, 1)).toEqual(['a'])
    expect(await notesIn(old.runtime.store)).toEqual({ a: ['trim 1'], d: ['press 2'] })
    const again = await deploy({ counts: true })
    await world.advance(leaseMs)
    expect(await countedIn(again.runtime.store, 1)).toEqual(['a', 'ab', 'abc', 'abca', 'abcab'])
    await close()
  },
  sharedEngines,
)

promise(
  'P4',
  'older code with process managers of its own keeps their order too, beside what waits for newer code',
  async (kind) => {
    const { world, deploy, close } = await deployment(kind, { counts: true })
    const newer = { counts: true, tallies: true, measures: true }
    await deploy(newer)
    const old = await deploy({ counts: true })
    await tell(world, 'cut a1', 'cut c4', 'cut b1', 'sewn d2', 'cut a1', 'dyed b3')
    await world.advance(hourMs)
    expect(await countedIn(old.runtime.store, 1)).toEqual([])
    expect(await notesIn(old.runtime.store)).toEqual({ d: ['press 2'] })
    const again = await deploy(newer)
    await world.advance(leaseMs)
    expect(await countedIn(again.runtime.store, 1)).toEqual(['a', 'ab', 'aba'])
    expect(await countedIn(again.runtime.store, 100), 'of newer code').toEqual(['a', 'ac', 'acb', 'acba'])
    expect(await notesIn(again.runtime.store)).toEqual({
      a: ['trim 1', 'measure 1', 'trim 1', 'measure 1'],
      b: ['trim 1', 'measure 1', 'dry 3'],
      c: ['trim 4', 'measure 4'],
      d: ['press 2'],
    })
    await close()
  },
  sharedEngines,
)

promise(
  'P2',
  'a timer that newer code has set and older code does not know waits for newer code',
  async (kind) => {
    const { world, deploy, close } = await deployment(kind)
    const first = await deploy({ reminds: true })
    await world.run(first.runtime.command('set-reminder', { customer: 'a', number: 1 }))
    const old = await deploy({})
    await world.advance(hourMs)
    expect(deferredEvents(old.runtime).map(({ state, waits, error }) => [state, waits, error?.code])).toEqual([
      ['waiting', 1, waiting],
    ])
    const again = await deploy({ reminds: true })
    await world.advance(leaseMs)
    expect(await notesIn(again.runtime.store)).toEqual({ a: ['nudge 1', 'remind 1'] })
    await close()
  },
  sharedEngines,
)

promise(
  'P2',
  'code that goes back for good by removing a handler says of what has waited that its handler is gone, and goes on without it when told to',
  async (kind) => {
    const { world, deploy, close } = await deployment(kind)
    await deploy({ measures: true })
    await deploy({})
    await tell(world, 'cut a1', 'sewn a2')
    await world.advance(leaseMs)
    // The same handlers as before `measure` was added, and yet newer: it does something else besides.
    const back = await deploy({ reminds: true })
    await world.advance(leaseMs)
    expect(deferredIn(back)).toEqual([
      ['test.cut', 'a', 'parked', 'HANDLER_GONE'],
      ['test.sewn', 'a', 'blocked', undefined],
    ])
    await world.run(redrive(back.runtime, {}, { dryRun: false, withoutGone: true }))
    await world.advance(leaseMs)
    expect(await notesIn(back.runtime.store)).toEqual({ a: ['trim 1', 'press 2'] })
    await close()
  },
  sharedEngines,
)

promise(
  'P2',
  'what waits for newer code does so also after older code has changed the number of partitions',
  async (kind) => {
    const { world, deploy, close } = await deployment(kind)
    await deploy({ measures: true })
    await tell(world, 'cut a1')
    const old = await deploy({ partitions: 2 })
    await tell(world, 'cut a2', 'sewn b3')
    await world.advance(leaseMs)
    expect(await notesIn(old.runtime.store)).toEqual({ a: ['trim 1', 'measure 1'], b: ['press 3'] })
    const again = await deploy({ measures: true })
    await world.advance(leaseMs)
    expect((await notesIn(again.runtime.store)).a).toEqual(['trim 1', 'measure 1', 'trim 2', 'measure 2'])
    await close()
  },
  sharedEngines,
)
