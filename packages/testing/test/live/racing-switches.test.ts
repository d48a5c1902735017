// Live queries where several instances share a store, while rows are written at both and a read model is rebuilt again and again: readers of either follow
// every switch. Checked: at the end every reader has exactly the rows of the generation that serves reads.

import { createSeededRandom } from 'tidings/memory'
import type { ServiceRuntime } from 'tidings/runtime'
import { expect } from 'vitest'
import { anotherInstance } from '../promises/setup/another-instance.ts'
import { type EngineKind, sharedEngines } from '../promises/setup/engines.ts'
import { promise } from '../promises/setup/promise-test.ts'
import { chat, type Follower, follow } from './rooms.ts'

const seedCount = 12

async function race(kind: EngineKind, seed: number, mode: 'async' | 'inline'): Promise<number> {
  const random = createSeededRandom(seed)
  const below = (count: number) => Math.floor(random.next() * count)
  const a = await chat(kind, { mode })
  const { world } = a
  const instances: readonly ServiceRuntime[] = [world.system.service('rooms'), await anotherInstance(world, 'rooms')]
  const anyone = () => instances[below(2)] as ServiceRuntime
  const followers: Follower[] = []
  let number = 0
  const write = async () => {
    for (let count = 0; count < 25; count++) {
      number++
      const messageId = 'abcdef'.charAt(below(6))
      await anyone().command('note', { messageId, roomId: below(4) === 0 ? 'r2' : 'r1', text: `${number}` })
      await world.pause(below(40))
    }
  }
  const rebuild = async () => {
    for (let count = 0; count < 4; count++) {
      await anyone().rebuild('notes')
      await world.pause(below(300))
    }
  }
  const read = async () => {
    for (let count = 0; count < 6; count++) {
      followers.push(follow(await anyone().live('room-notes', { roomId: 'r1' }, {})))
      await world.pause(below(200))
    }
  }
  await world.run(Promise.all([write(), write(), rebuild(), read()]))
  await world.settle()
  await world.advance(5_000)
  const [{ store } = world.system.service('rooms')] = instances
  const state = await world.run(Promise.resolve(store.get('tidings.read-models', 'projection.notes')))
  const { generation } = JSON.parse(state?.json ?? '{}') as { generation: number }
  const index = { column: 'roomId', equals: 'r1' }
  const found = await world.run(Promise.resolve(store.find({ table: `notes@${generation}`, index, limit: 100 })))
  const expected = (found ?? []).map(({ key, json }) => [key, (JSON.parse(json) as { text: string }).text])
  expect(expected.length).toBeGreaterThan(0)
  for (const { rows } of followers) {
    const shown = [...rows].map(([key, row]) => [key, (row as { text: string }).text]).sort()
    expect(shown, `seed ${seed}`).toEqual(expected)
  }
  for (const instance of instances.slice(1)) await world.run(instance.close())
  await a.close()
  return generation
}

for (const mode of ['async', 'inline'] as const)
  promise(
    'Live queries of instances that share a store',
    `of a read model (${mode}) that is rebuilt again and again while both instances write`,
    async (kind) => {
      let switches = 0
      for (let seed = 1; seed <= seedCount; seed++) switches += (await race(kind, seed, mode)) - 1
      expect(switches).toBeGreaterThan(seedCount)
    },
    sharedEngines,
  )
