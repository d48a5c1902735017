// Live queries where several instances share a store, and one of them switches a read model to a new generation.

import { expect, onTestFinished } from 'vitest'
import { anotherInstance } from '../promises/setup/another-instance.ts'
import { sharedEngines } from '../promises/setup/engines.ts'
import { promise } from '../promises/setup/promise-test.ts'
import { switchBeneath } from '../promises/setup/switch-beneath.ts'
import { chat, follow } from './rooms.ts'
import { pollMs } from './two-instances.ts'

const title = 'Live queries of instances that share a store'

for (const [what, name, mode] of [
  ['a projection', 'room-notes', 'async'],
  ['an inline projection', 'room-notes', 'inline'],
  ['a replica', 'room-copies', 'async'],
] as const)
  promise(
    title,
    `A switches to a new generation of ${what}: readers of B follow it and miss nothing`,
    async (kind) => {
      const b = await chat(kind, { mode })
      const { world } = b
      const [service, readModel] =
        name === 'room-notes' ? (['rooms', 'notes'] as const) : (['mirror', 'copies'] as const)
      const a = await anotherInstance(world, service)
      onTestFinished(async () => {
        await world.run(a.close())
        await b.close()
      })
      // Only A commits, so B is not told of the switch by a conflict.
      const write = (messageId: string, text: string) =>
        name === 'room-notes'
          ? world.run(a.command('note', { messageId, roomId: 'r1', text }))
          : b.post(messageId, text)
      await write('before', 'one')
      await world.settle()
      const follower = follow(await b.read(name))
      await write('during', 'two')
      await world.run(a.rebuild(readModel))
      await write('after', 'three')
      await world.settle()
      await world.advance(2 * pollMs)
      expect([...follower.rows.keys()].sort()).toEqual(['after', 'before', 'during'])
      const late = follow(await b.read(name))
      await write('last', 'four')
      await world.settle()
      await world.advance(2 * pollMs)
      for (const { rows } of [follower, late])
        expect([...rows.keys()].sort()).toEqual(['after', 'before', 'during', 'last'])
    },
    sharedEngines,
  )

promise(
  title,
  'A has switched before the first reader comes to B: it gets the rows of the new generation',
  async (kind) => {
    const b = await chat(kind, { mode: 'inline' })
    const { world } = b
    const a = await anotherInstance(world, 'rooms')
    onTestFinished(async () => {
      await world.run(a.close())
      await b.close()
    })
    await world.run(a.command('note', { messageId: 'a', roomId: 'r1', text: 'one' }))
    await world.settle()
    await world.run(a.rebuild('notes'))
    await world.run(a.command('note', { messageId: 'b', roomId: 'r1', text: 'two' }))
    const reader = follow(await b.read('room-notes'))
    await world.run(a.command('note', { messageId: 'c', roomId: 'r1', text: 'three' }))
    await world.settle()
    await world.advance(2 * pollMs)
    expect([...reader.rows.keys()].sort()).toEqual(['a', 'b', 'c'])
  },
  sharedEngines,
)

const notes = (messageId: string) => ({
  subscriber: 'projection.notes',
  table: 'notes',
  key: messageId,
  row: { messageId, roomId: 'r1', text: 'new' },
  indexes: { roomId: 'r1' },
})

promise(
  title,
  'readers follow a switch with the next change that they hear of, and a reader that comes after it gets the new rows at once',
  async (kind) => {
    const b = await chat(kind)
    onTestFinished(() => b.close())
    const { world } = b
    const a = await anotherInstance(world, 'rooms')
    onTestFinished(async () => void (await world.run(a.close())))
    await b.note('old', 'one')
    await world.settle()
    await world.run(switchBeneath(a.store, 2, [notes('two')]))
    const reader = follow(await b.read('all-notes', {}))
    await world.advance(1)
    expect(reader.story).toBe('snapshot two')
    await world.run(switchBeneath(a.store, 3, [notes('three')]))
    await b.post('wakes', 'them')
    await world.advance(1)
    expect([...reader.rows.keys()]).toEqual(['three'])
  },
  sharedEngines,
)
