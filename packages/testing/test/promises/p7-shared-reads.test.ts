// P7 for instances that share a store: when one has switched a read model to a new generation, the queries of all read that one, and a query that began
// before ends on the old one, whose tables are deleted after a while.

import {
  defineCommand,
  defineDecider,
  defineEvent,
  defineQuery,
  defineService,
  defineTable,
  fact,
  replicaOf,
} from 'tidings'
import type { Driver, Store } from 'tidings/ports'
import { defaultLimits, type ServiceRuntime } from 'tidings/runtime'
import { expect, onTestFinished } from 'vitest'
import { z } from 'zod'
import { anotherInstance } from './setup/another-instance.ts'
import { type EngineKind, engines, sharedEngines } from './setup/engines.ts'
import { promise } from './setup/promise-test.ts'
import { switchBeneath } from './setup/switch-beneath.ts'
import { createWorld, type World } from './setup/world.ts'

const Member = z.object({ memberId: z.string(), name: z.string() })
const key = ({ memberId }: z.infer<typeof Member>) => memberId
const MemberChanged = defineEvent('club.member-changed', { owner: 'club', pattern: 'state-transfer' })
  .version(1, Member)
  .key(key)
const Register = defineCommand('register', { input: Member, key })
const Names = z.object({ list: z.string(), replica: z.string(), listAgain: z.string(), replicaAgain: z.string() })
const Look = defineQuery('look', { owner: 'desk', input: z.object({ waits: z.boolean() }), output: Names })
const Copy = defineCommand('copy', { input: z.object({}), output: z.string() })
const names = defineTable('names').version(1, Member).key(key)

const member = defineDecider('member', {
  commands: { Register },
  facts: { registered: fact(Member) },
  initialState: () => ({}),
  decide: { Register: (input, _state, { facts }) => facts.registered(input) },
  evolve: { registered: (state) => state },
})

/** A desk that keeps names in a projection and in a replica; its query reads both, waits, and reads them again. */
function clubAndDesk(between: () => Promise<void>) {
  const club = defineService('club', { publishes: [MemberChanged] })
  const desk = defineService('desk', { readModels: { names }, replicas: { members: replicaOf(MemberChanged) } })
  const textOf = (rows: readonly z.infer<typeof Member>[]) => rows.map(({ name }) => name).join(' ')
  return [
    club.with({
      register: club.command(Register, { publishes: [MemberChanged] }, (input, { publish }) => {
        publish(MemberChanged, input)
      }),
    }),
    desk.with({
      member: desk.decider(member),
      names: desk
        .projection('names', { writes: ['names'], mode: 'inline' })
        .onFact(member, 'registered', (data, { tables }) => {
          tables.names.put(data)
        }),
      copy: desk.command(Copy, async (_input, { replicas }) => textOf(await replicas.members.list({ limit: 10 }))),
      look: desk.query(Look, async ({ waits }, { readModels, replicas }) => {
        const list = textOf(await readModels.names.list({ limit: 10 }))
        const replica = textOf(await replicas.members.list({ limit: 10 }))
        if (waits) await between()
        const listAgain = textOf(await readModels.names.list({ limit: 10 }))
        return { list, replica, listAgain, replicaAgain: textOf(await replicas.members.list({ limit: 10 })) }
      }),
    }),
  ]
}

async function oneDesk(kind: EngineKind, between: () => Promise<void> = async () => {}) {
  const world = await createWorld(kind, clubAndDesk(between))
  onTestFinished(() => world.close())
  const input = { memberId: 'ann', name: 'Ann' }
  await world.run(world.system.service('club').command('register', input))
  await world.run(world.system.service('desk').command('register', input))
  await world.settle()
  const desk = () => world.system.service('desk')
  const look = (waits = false) => desk().query('look', { waits }) as Promise<z.infer<typeof Names> | undefined>
  return { world, desk, look }
}

/** Another instance switches both read models. */
function switchBoth(store: Store, generation: number): Promise<void> {
  const row = { memberId: 'ann', name: `Ann-${generation}` }
  return switchBeneath(store, generation, [
    { subscriber: 'projection.names', table: 'names', key: 'ann', row },
    { subscriber: 'replica.members', table: 'members', key: 'ann', row },
  ])
}

const tablesOf = async (world: World, { store }: ServiceRuntime) => {
  const all = await world.run(Promise.resolve(store.tableNames()))
  return (all ?? []).filter((name) => name.startsWith('names@') || name.startsWith('members@')).sort()
}

const same = (name: string) => ({ list: name, replica: name, listAgain: name, replicaAgain: name })
const grace = defaultLimits.handlerTimeoutMs + defaultLimits.leaseMs

promise(
  'P7',
  'a query on B reads the generation that A has switched to, of a projection and a replica [trap: stale-cache]',
  async (kind) => {
    const { world, desk, look } = await oneDesk(kind)
    expect(await world.run(look())).toEqual(same('Ann'))
    for (const generation of [2, 3]) {
      await world.run(switchBoth(desk().store, generation))
      expect(await world.run(look())).toEqual(same(`Ann-${generation}`))
    }
  },
  sharedEngines,
)

promise(
  'P7',
  'a query on B that began before A has switched reads one generation from its beginning to its end',
  async (kind) => {
    let between = async () => {}
    const { world, desk, look } = await oneDesk(kind, () => between())
    between = async () => {
      await switchBoth(desk().store, 2)
      // Another query tells this instance of the switch.
      expect(await look()).toEqual(same('Ann-2'))
    }
    expect(await world.run(look(true))).toEqual(same('Ann'))
    expect(await world.run(look())).toEqual(same('Ann-2'))
  },
  sharedEngines,
)

promise(
  'P7',
  'commands on B read the new generation soon after A has switched, long before the old tables are deleted',
  async (kind) => {
    const { world, desk } = await oneDesk(kind)
    await world.run(switchBoth(desk().store, 2))
    await world.advance(2 * defaultLimits.pollMs)
    expect(await world.run(desk().command('copy', {}))).toMatchObject({ output: 'Ann-2' })
  },
  sharedEngines,
)

promise(
  'P7',
  'the tables that A has replaced stay while a query on B may read them, although A ends and C starts meanwhile',
  async (kind) => {
    const gate = Promise.withResolvers<void>()
    const { world, desk } = await oneDesk(kind, () => gate.promise)
    const instances = [desk(), await anotherInstance(world, 'desk')]
    onTestFinished(async () => {
      for (const instance of instances) await world.run(instance.close())
    })
    await world.advance(2 * defaultLimits.leaseMs)
    const keeps = (instance: ServiceRuntime) =>
      instance.status.instance?.groups.includes('read-model/projection.names') === true
    // A is the one that keeps the projection.
    const [a, b] = [instances.find(keeps), instances.find((instance) => !keeps(instance))]
    if (a === undefined || b === undefined) throw new Error('one of two instances keeps the projection')
    const looking = b.query('look', { waits: true }) as Promise<unknown>
    looking.catch(() => {})
    await world.advance(1)
    await world.run(a.rebuild('names'))
    await world.run(a.close())
    const c = await anotherInstance(world, 'desk')
    instances.push(c)
    expect(await tablesOf(world, b)).toEqual(['members@1', 'names@1', 'names@2'])
    gate.resolve()
    expect(await world.run(looking)).toEqual(same('Ann'))
    await world.advance(grace + 1)
    expect(await tablesOf(world, b)).toEqual(['members@1', 'names@2'])
    const notes = { table: 'tidings.read-models', fromKey: 'replaced/', toKey: 'replaced0', limit: 9 }
    expect(await world.run(Promise.resolve(b.store.find(notes)))).toEqual([])
    expect(await world.run(b.query('look', { waits: false }))).toEqual(same('Ann'))
  },
  sharedEngines,
)

promise(
  'P7',
  'if everyone stops before the time of the replaced tables is over, a later start deletes them, and an early one does not',
  async (kind) => {
    const { world, desk } = await oneDesk(kind)
    await world.run(desk().rebuild('names'))
    await world.restart()
    expect(await tablesOf(world, desk())).toEqual(['members@1', 'names@1', 'names@2'])
    await world.restart(undefined, () => world.clock.advance(grace + 1))
    expect(await tablesOf(world, desk())).toEqual(['members@1', 'names@2'])
  },
  sharedEngines,
)

/** The engine, whose stores count the reads of the states of read models. */
function counting(kind: EngineKind, count: () => void): EngineKind {
  const counted = (store: Store): Store =>
    new Proxy(store, {
      get: (target, name) => {
        const member: unknown = Reflect.get(target, name)
        if (typeof member !== 'function') return member
        return (...given: readonly unknown[]) => {
          if ((name === 'get' || name === 'getMany') && given[0] === 'tidings.read-models') count()
          return Reflect.apply(member, target, given) as unknown
        }
      },
    })
  return {
    ...kind,
    create: () => {
      const engine = kind.create()
      const open: Driver['open'] = async (environment) => {
        const opened = await engine.driver.open(environment)
        return { ...opened, openStore: async (service) => counted(await opened.openStore(service)) }
      }
      return { ...engine, driver: { ...engine.driver, open } }
    },
  }
}

promise(
  'P7',
  'a query asks once which generations serve reads where instances share the store, and never where it has one writer',
  async (kind) => {
    let count = 0
    const { world, look } = await oneDesk(counting(kind, () => count++))
    count = 0
    await world.run(look())
    expect(count).toBe(sharedEngines.includes(kind) ? 1 : 0)
  },
  [...engines, ...sharedEngines],
)
