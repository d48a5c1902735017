// P7: a function that reads a read model while a rebuild switches it ends as if nothing had happened: the tables that it reads are still there.
// Afterwards they are deleted, at the latest by the next start.

import { defineCommand, defineEvent, defineService, defineTable, replicaOf } from 'tidings'
import type { Driver, Store } from 'tidings/ports'
import { defaultLimits } from 'tidings/runtime'
import { expect, onTestFinished } from 'vitest'
import { z } from 'zod'
import type { EngineKind } from './setup/engines.ts'
import { promise } from './setup/promise-test.ts'
import { createWorld } from './setup/world.ts'
import { rowsOf, send } from './systems/fulfilment.ts'

const Member = z.object({ memberId: z.string(), name: z.string() })
const keyOf = ({ memberId }: { readonly memberId: string }) => memberId
const MemberChanged = defineEvent('club.member-changed', { owner: 'club', pattern: 'state-transfer' })
  .version(1, Member)
  .key(keyOf)
const Register = defineCommand('register', { input: Member })
const Note = defineCommand('note', { input: z.object({ memberId: z.string() }) })
const notes = defineTable('notes').version(1, Member).key(keyOf)

/** A club, and a desk that notes the names of members. */
function clubAndDesk() {
  const clubOf = defineService('club', { publishes: [MemberChanged] })
  const club = clubOf.with({
    register: clubOf.command(Register, { publishes: [MemberChanged] }, (member, { publish }) => {
      publish(MemberChanged, member)
    }),
  })
  const deskOf = defineService('desk', { tables: { notes }, replicas: { members: replicaOf(MemberChanged) } })
  const desk = deskOf.with({
    note: deskOf.command(Note, async ({ memberId }, { replicas, tables }) => {
      const [member] = await replicas.members.list({ limit: 10 })
      tables.notes.put({ memberId, name: member?.name ?? 'nobody' })
    }),
  })
  return [club, desk]
}

/** The engine, whose store answers reads of one table only after a while. */
function slowReads(kind: EngineKind, table: string, until: () => Promise<void>): EngineKind {
  const slow = (store: Store): Store =>
    new Proxy(store, {
      get: (target, name) => {
        const member: unknown = Reflect.get(target, name)
        if (name === 'find')
          return async (query: Parameters<Store['find']>[0]) => {
            if (query.table === table) await until()
            return target.find(query)
          }
        return typeof member === 'function' ? member.bind(target) : member
      },
    })
  const slowly = (driver: Driver): Driver => ({
    ...driver,
    open: async (environment) => {
      const engine = await driver.open(environment)
      return { ...engine, openStore: async (service) => slow(await engine.openStore(service)) }
    },
  })
  return {
    ...kind,
    create: () => {
      const engine = kind.create()
      return { ...engine, driver: slowly(engine.driver) }
    },
  }
}

promise('P7', 'a command that reads a replica while its rebuild switches reads the rows of before', async (kind) => {
  const waiting = Promise.withResolvers<void>()
  let reads = 0
  const slow = slowReads(kind, 'members@1', () => {
    reads++
    return waiting.promise
  })
  const world = await createWorld(slow, clubAndDesk())
  onTestFinished(() => world.close())
  await send(world, 'club', 'register', { memberId: 'ann', name: 'Ann' })
  await world.settle()
  const noted = world.system.service('desk').command('note', { memberId: 'ann' }, {})
  noted.catch(() => {})
  await world.advance(1)
  expect(reads).toBe(1)
  await world.run(world.system.service('desk').rebuild('members'))
  await world.advance(1)
  waiting.resolve()
  expect(await world.run(noted)).toMatchObject({ accepted: true })
  expect(await rowsOf(world, 'desk', 'notes')).toEqual([{ memberId: 'ann', name: 'Ann' }])
})

promise('P7', 'the tables that a rebuild has replaced are deleted later, or by the next start', async (kind) => {
  const world = await createWorld(kind, clubAndDesk())
  onTestFinished(() => world.close())
  const generations = async () =>
    (await world.system.service('desk').store.tableNames()).filter((name) => name.startsWith('members@'))
  await world.run(world.system.service('desk').rebuild('members'))
  expect(await generations()).toEqual(['members@1', 'members@2'])
  await world.advance(defaultLimits.handlerTimeoutMs + 1)
  expect(await generations()).toEqual(['members@2'])
  await world.run(world.system.service('desk').rebuild('members'))
  await world.restart()
  expect(await generations()).toEqual(['members@3'])
})
