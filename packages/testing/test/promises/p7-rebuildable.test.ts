// P7 Rebuildable: every kind of read model is rebuilt beside the live one while reads and appends run, also if it is killed at any commit.

import { TidingsError } from 'tidings'
import { deferredEvents, redrive } from 'tidings/operations'
import type { CommitUnit } from 'tidings/ports'
import { expect } from 'vitest'
import type { EngineKind } from './setup/engines.ts'
import { brokenPromise, promise } from './setup/promise-test.ts'
import { secondRuntime } from './setup/second-runtime.ts'
import { type Between, createWorld, type World } from './setup/world.ts'
import { rowsOf, send } from './systems/fulfilment.ts'
import { everyKind, fold, type Kept, rowsKept, type TallyOptions, tallies } from './systems/tallies.ts'

const limits = { rebuildBatchCountMax: 3, batchCountMax: 3, handlerTimeoutMs: 50 }
const add = (world: World, id: string, amount: number) => send(world, 'counter', 'add', { id, amount })
const ofRebuild = (unit: CommitUnit) =>
  unit.rows.some(({ key, row }) => key.startsWith('rebuild.') || row?.json.includes('"rebuilding"') === true)

async function begin(kind: EngineKind, between: Between = {}, options: TallyOptions = {}): Promise<World> {
  const world = await createWorld(kind, tallies({ limits, ...options }), between)
  for (let amount = 1; amount <= 12; amount++) await add(world, 'abcd'.charAt(amount % 4), amount)
  await send(world, 'counter', 'forget', { id: 'd' })
  await world.settle()
  return world
}

const rebuild = (world: World, { service, readModel }: Kept) =>
  world.run(world.system.service(service).rebuild(readModel))

/** A rebuild leaves nothing but the new generation, which is the fold of history. */
async function expectRebuilt(world: World, kept: Kept, generation = 2, hint = ''): Promise<void> {
  const { service, readModel } = kept
  const status = world.system.service(service).status.readModels.find(({ name }) => name === readModel)
  expect(status, hint).toMatchObject({ generation, rebuild: undefined })
  expect(await rowsKept(world, kept), `${readModel} ${hint}`).toEqual(await fold(world, kept))
  // By then, whatever began before the switch has ended.
  await world.advance(limits.handlerTimeoutMs + 1)
  const { store } = world.system.service(service)
  const names = (await store.tableNames()).filter((name) => name.startsWith(`${readModel}@`))
  expect(names, hint).toEqual([`${readModel}@${generation}`])
  const left = await store.find({ table: 'tidings.progress', fromKey: 'rebuild.', toKey: 'rebuild/', limit: 10 })
  expect(left, hint).toEqual([])
  // The live model continues where the rebuild ended.
  await add(world, 'b', 100)
  await add(world, 'e', 200)
  await world.settle()
  expect(await rowsKept(world, kept), `${readModel} continues ${hint}`).toEqual(await fold(world, kept))
}

async function beside(kind: EngineKind, kept: Kept, spoil?: Between['spoil'], options: TallyOptions = {}) {
  const underWay: Promise<unknown>[] = []
  const reads: Promise<unknown>[] = []
  const units: CommitUnit[] = []
  let amount = 20
  let armed = false
  const world: World = await begin(
    kind,
    {
      ...(spoil === undefined ? {} : { spoil }),
      beforeCommit: ({ service, unit }) => {
        if (!armed || service !== kept.service || !ofRebuild(unit)) return
        units.push(unit)
        // At every commit of the rebuild, one append and one read start.
        if (amount < 40)
          underWay.push(send(world, 'counter', 'add', { id: 'abcde'.charAt(amount % 5), amount: amount++ }))
        reads.push(world.system.service(kept.service).query('rows', { of: kept.readModel }))
      },
    },
    options,
  )
  const before = await rowsKept(world, kept)
  const counted = before.reduce((total, { count }) => total + Number(count ?? 1), 0)
  armed = true
  await rebuild(world, kept)
  armed = false
  await world.run(Promise.all(underWay))
  await world.settle()
  expect(underWay.length, 'appends ran in the meantime').toBeGreaterThan(3)
  const seen = (await Promise.all(reads)).map((answer) => (answer as { counted: number }).counted)
  expect(Math.min(...seen), 'no read saw a half-filled generation').toBeGreaterThanOrEqual(counted)
  expect(seen, 'reads never went back').toEqual([...seen].sort((a, b) => a - b))
  for (const unit of units) {
    expect(unit.events, 'nothing is published').toEqual([])
    expect(unit.appends, 'nothing is appended').toEqual([])
    expect(unit.rows.filter(({ table }) => /commands|deliveries|entity-versions/.test(table))).toEqual([])
  }
  await expectRebuilt(world, kept)
  await world.close()
}

for (const kept of everyKind) {
  promise(
    'P7',
    `${kept.readModel} is rebuilt while reads and appends run, and nothing is published [trap: replay-storm]`,
    (kind) => beside(kind, kept),
  )
}
const without = (unit: CommitUnit, table: string, key: string) => ({
  ...unit,
  rows: unit.rows.filter((write) => write.table !== table || write.key !== key),
})
brokenPromise('P7', 'an engine that loses a row of the new generation', (kind) =>
  beside(kind, { service: 'mirror', readModel: 'totals' }, (unit) => without(unit, 'totals@2', 'c')),
)
brokenPromise('P7', 'an engine that continues to write to the old generation', (kind) =>
  beside(kind, { service: 'counter', readModel: 'sums' }, (unit) => without(unit, 'sums@2', 'e')),
)
let steps = 0
brokenPromise('P7', 'a projection that counts by itself', (kind) =>
  beside(kind, { service: 'counter', readModel: 'history' }, undefined, {
    onStep: (readModel) => {
      if (readModel === 'history' && ++steps > 20) throw new Error('seen that')
    },
  }),
)

/** A world in which one append and one read begin at every commit of a rebuild, until `end` is called. */
async function busyWorld(kind: EngineKind, kept: Kept, between: Between = {}) {
  let busy = true
  let amount = 20
  let dead: World['system'] | undefined
  const underWay: Promise<unknown>[] = []
  // What a process has not answered when it dies, it never answers; nor does it while the next one starts.
  const dying = (kill: () => void) => () => {
    dead = world.system
    underWay.length = 0
    kill()
  }
  const world: World = await begin(kind, {
    ...between,
    afterCommit: (commit, kill) => between.afterCommit?.(commit, dying(kill)),
    beforeCommit: (commit, kill) => {
      if (busy && amount < 30 && commit.service === kept.service && ofRebuild(commit.unit) && world.system !== dead) {
        const answer = send(world, 'counter', 'add', { id: 'abcde'.charAt(amount % 5), amount: amount++ })
        const asked = world.system.service(kept.service).query('rows', { of: kept.readModel })
        underWay.push(answer, asked)
        for (const begun of [answer, asked]) begun.catch(() => {})
      }
      between.beforeCommit?.(commit, dying(kill))
    },
  })
  const end = () => {
    busy = false
    return world.run(Promise.allSettled(underWay))
  }
  return { world, end }
}

async function killedAtEveryCommit(kind: EngineKind, kept: Kept, spoil?: Between['spoil']): Promise<void> {
  // How many commits an undisturbed rebuild takes.
  const calm = await busyWorld(kind, kept)
  const start = calm.world.commits
  await rebuild(calm.world, kept)
  await calm.end()
  const total = calm.world.commits - start
  await calm.world.close()
  expect(total).toBeGreaterThan(4)
  // Every commit on the fastest engine, and only some on the others.
  const stride = kind.name === 'SQLite' ? 12 : kind.name === 'memory, relayed' ? 3 : 1
  for (const moment of ['beforeCommit', 'afterCommit'] as const) {
    for (let number = moment === 'beforeCommit' ? 1 : stride; number <= total; number += stride) {
      let from = Number.POSITIVE_INFINITY
      let begun = false
      const { world, end } = await busyWorld(kind, kept, {
        spoil: (unit) => {
          begun ||= unit.rows.some(({ row }) => row?.json.includes('"rebuilding"') === true)
          return spoil?.(unit) ?? unit
        },
        [moment]: (commit: { number: number }, kill: () => void) => commit.number === from + number && kill(),
      })
      from = world.commits
      await rebuild(world, kept)
      if (!world.dead) await end()
      expect(world.dead, `${moment} ${number} of ${total}`).toBe(true)
      await world.restart()
      await world.settle()
      await end()
      const { service, readModel } = kept
      const status = () => world.system.service(service).status.readModels.find(({ name }) => name === readModel)
      for (let tries = 0; status()?.rebuild !== undefined && tries < 50; tries++) await world.advance(100)
      // A rebuild that was killed before its start was stored never began; any other has continued by itself.
      if (status()?.generation === 1) {
        expect(begun, `killed ${moment} ${number}: the rebuild continues`).toBe(false)
        await rebuild(world, kept)
      }
      await world.settle()
      await expectRebuilt(world, kept, 2, `(killed ${moment} ${number} of ${total})`)
      await world.close()
    }
  }
}

for (const kept of everyKind) {
  promise(
    'P7',
    `a rebuild of ${kept.readModel} that is killed at any commit continues and ends with the right rows`,
    (kind) => killedAtEveryCommit(kind, kept),
  )
}
brokenPromise('P7', 'an engine that forgets that a rebuild is under way', (kind) =>
  killedAtEveryCommit(kind, { service: 'mirror', readModel: 'totals' }, (unit) => ({
    ...unit,
    rows: unit.rows.map((write) =>
      write.table === 'tidings.read-models' && write.row !== null
        ? { ...write, row: { ...write.row, json: write.row.json.replace(/,"rebuilding":\d+/, '') } }
        : write,
    ),
  })),
)

promise('P7', 'a rebuild whose service is stopped continues when the service starts again', async (kind) => {
  for (const kept of everyKind) {
    const { world, end } = await busyWorld(kind, kept)
    const rebuilt = rebuild(world, kept).catch((error: unknown) => error)
    await world.restart()
    expect(await rebuilt).toMatchObject({ code: 'CLOSED' })
    await world.settle()
    const status = () =>
      world.system.service(kept.service).status.readModels.find(({ name }) => name === kept.readModel)
    for (let tries = 0; status()?.rebuild !== undefined && tries < 50; tries++) await world.advance(100)
    await end()
    if (status()?.generation === 1) await rebuild(world, kept)
    await world.settle()
    await expectRebuilt(world, kept)
    await world.close()
  }
})

promise(
  'P7',
  'an event that fails during a rebuild is deferred, not dropped, and a redrive applies it',
  async (kind) => {
    let poison = false
    const onStep = (readModel: string, id: string) => {
      if (poison && readModel === 'totals' && id === 'b') throw new Error('cannot count b')
    }
    const kept: Kept = { service: 'mirror', readModel: 'totals' }
    const world = await begin(kind, {}, { onStep, limits: { ...limits, attemptsMax: 2 } })
    poison = true
    await rebuild(world, kept)
    await world.settle()
    const deferred = deferredEvents(world.system.service('mirror'))
    expect(deferred.map(({ subscriber, key, state }) => [subscriber, key, state])).toEqual([
      ['projection.totals', 'b', 'parked'],
      ['projection.totals', 'b', 'blocked'],
      ['projection.totals', 'b', 'blocked'],
    ])
    const all = await fold(world, kept)
    expect(await rowsKept(world, kept)).toEqual(all.filter(({ id }) => id !== 'b'))
    poison = false
    await world.run(redrive(world.system.service('mirror'), {}, { dryRun: false }))
    await world.settle()
    expect(await rowsKept(world, kept)).toEqual(all)
    await world.close()
  },
)

promise('P7', 'an inline projection that fails during its rebuild does not switch to incomplete rows', async (kind) => {
  let poison = false
  const onStep = (readModel: string, id: string) => {
    if (poison && readModel === 'sums' && id === 'b') throw new Error('cannot count b')
  }
  const kept: Kept = { service: 'counter', readModel: 'sums' }
  const options = { onStep, limits: { ...limits, attemptsMax: 2 } }
  const world = await begin(kind, {}, options)
  poison = true
  const outcome = await rebuild(world, kept).catch((error: unknown) => error)
  expect(await rowsKept(world, kept), 'reads are as they were').toEqual(await fold(world, kept))
  expect(outcome, 'the operator gets the error').toMatchObject({ code: 'HANDLER_FAILED' })
  poison = false
  await rebuild(world, kept)
  await expectRebuilt(world, kept, 3, 'no number is used twice')
  await world.close()
})

promise(
  'P7',
  'a switch that was applied but reported as failed is a success [trap: ambiguous-commit]',
  async (kind) => {
    for (const kept of everyKind) {
      let reported = 0
      const world = await begin(kind, {
        afterCommit: ({ unit }) => {
          if (
            reported > 0 ||
            !unit.rows.some(({ table, row }) => table === 'tidings.read-models' && row?.json.includes('"generation":2'))
          )
            return
          reported++
          throw new TidingsError('STORE_UNAVAILABLE', 'Whether it was applied is unknown.')
        },
      })
      await rebuild(world, kept)
      expect(reported).toBe(1)
      await expectRebuilt(world, kept)
      await world.close()
    }
  },
)

promise(
  'P7',
  'a process that was paused while it removed an abandoned rebuild removes nothing of its successor [trap: zombie]',
  async (kind) => {
    let poison = false
    const onStep = (readModel: string) => {
      if (poison && readModel === 'sums') throw new Error('cannot count')
    }
    const kept: Kept = { service: 'counter', readModel: 'sums' }
    const world = await begin(kind, {}, { onStep, limits: { ...limits, attemptsMax: 1 } })
    poison = true
    const { promise: paused, resolve: goOn } = Promise.withResolvers<void>()
    let pauses = 0
    const before = (method: string) => {
      if (method !== 'dropTable') return undefined
      pauses++
      return paused
    }
    const first = await secondRuntime(world, kept.service, { before })
    const givenUp = first.rebuild(kept.readModel).catch((error: unknown) => error)
    while (pauses === 0) await world.advance(1)
    const successor = await secondRuntime(world, kept.service)
    poison = false
    await world.run(successor.rebuild(kept.readModel))
    goOn()
    expect(await world.run(givenUp)).toMatchObject({ code: 'HANDLER_FAILED' })
    await world.run(first.close())
    await world.run(successor.close())
    await world.restart()
    await expectRebuilt(world, kept, 3)
    await world.close()
  },
)

// Returns how many calls to the store a starting process makes; before call number `pausedAt` a successor takes over and begins a rebuild.
async function pausedInItsStart(kind: EngineKind, kept: Kept, pausedAt: number): Promise<number> {
  const { promise: underWay, resolve: goOn } = Promise.withResolvers<void>()
  let isPaused = false
  const world = await begin(kind, {
    // The rebuild has begun, and pauses until the paused process has continued.
    holdCommit: ({ unit }) => {
      if (!unit.rows.some(({ key }) => key.startsWith('rebuild.'))) return undefined
      isPaused = true
      return underWay
    },
  })
  let calls = 0
  let rebuilding: Promise<unknown> | undefined
  const begun = async () => {
    rebuilding = world.system.service(kept.service).rebuild(kept.readModel)
    rebuilding.catch(() => {})
    while (!isPaused) await world.pause(1)
  }
  const ended = 'ended before it could note its start'
  const outcome = await secondRuntime(world, kept.service, {
    before: () => (++calls === pausedAt ? begun() : undefined),
    spoil: () => {
      throw new Error(ended)
    },
  }).catch((error: unknown) => error)
  expect(outcome).toMatchObject({ message: ended })
  goOn()
  if (rebuilding === undefined) await rebuild(world, kept)
  else await world.run(rebuilding)
  await world.settle()
  await expectRebuilt(world, kept, 2, `paused before call ${pausedAt}`)
  await world.close()
  return calls
}

// Each call of a start takes a system of its own, so several tests share them.
for (const share of [1, 2, 3, 4])
  promise(
    'P7',
    `a process that was paused during its start removes nothing of its successor, ${share} of 4 [trap: zombie]`,
    async (kind) => {
      let calls = share
      for (let pausedAt = share; pausedAt <= calls; pausedAt += 4)
        calls = await pausedInItsStart(kind, { service: 'mirror', readModel: 'totals' }, pausedAt)
      expect(calls).toBeGreaterThan(20)
    },
  )

promise('P7', 'a read model whose shape has changed is rebuilt by itself, beside the old one', async (kind) => {
  const kept: Kept = { service: 'mirror', readModel: 'totals' }
  const world = await begin(kind)
  await world.restart(tallies({ limits, wider: true }))
  await add(world, 'a', 50)
  for (let tries = 0; tries < 20; tries++) await world.advance(100)
  await world.settle()
  await expectRebuilt(world, kept)
  const rows = await world.system.service('mirror').store.find({
    table: 'totals@2',
    index: { column: 'count', equals: 3 },
    limit: 10,
  })
  expect(rows.map(({ key }) => key)).toEqual(['c', 'd'])
  expect(await rowsOf(world, 'counter', 'sums@1')).toHaveLength(5)
  await world.close()
})
