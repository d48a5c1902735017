// Two instances of the rooms on a store that they share.

import type { Store } from 'tidings/ports'
import { ServiceRuntime } from 'tidings/runtime'
import { onTestFinished } from 'vitest'
import { anotherInstance } from '../promises/setup/another-instance.ts'
import type { EngineKind } from '../promises/setup/engines.ts'
import type { World } from '../promises/setup/world.ts'
import { chat, type RoomsOptions } from './rooms.ts'

/** How often an instance looks for changes by itself, in milliseconds. */
export const pollMs = 1_000

/** A chat with two instances: A posts, B is the one that is read, unless a test says otherwise. */
export async function twoInstances(kind: EngineKind, options: RoomsOptions = {}) {
  const a = await chat(kind, options)
  const { world } = a
  const b = await anotherInstance(world, 'rooms')
  const input = (messageId: string, text: string, roomId = 'r1') => ({ messageId, text, roomId })
  onTestFinished(async () => {
    await world.run(b.close())
    await a.close()
  })
  return {
    a,
    b,
    world,
    /** Everything that was committed until now has been seen. */
    seen: () => world.advance(2 * pollMs),
    postOnB: (...row: Parameters<typeof input>) => world.run(b.command('post', input(...row))),
    takeOnB: (messageId: string) => world.run(b.command('take', { messageId })),
    readOnB: async (name = 'room-messages', of: object = { roomId: 'r1' }, after?: string) => {
      const reader = await world.run(b.live(name, of, after === undefined ? {} : { after }))
      if (reader === undefined) throw new Error('the run was killed')
      return reader
    },
  }
}

/** An instance whose store is wrapped, and with it what happens to the calls of that instance alone. */
export async function instanceOn(world: World, wrap: (store: Store) => Partial<Store>): Promise<ServiceRuntime> {
  const { declaration, environment } = world.system.service('rooms')
  const engine = await world.engine.driver.open(environment)
  const store = await engine.openStore('rooms')
  const instance = await world.run(
    ServiceRuntime.create(declaration, {
      store: { ...store, ...wrap(store) },
      broker: engine.broker,
      environment,
      lookups: world.system.lookups,
    }),
  )
  if (instance === undefined) throw new Error('the run was killed')
  return instance
}
