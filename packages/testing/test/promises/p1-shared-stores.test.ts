// P1 for instances that share a store: what one remembers of a stream never decides a command after another has changed the stream.

import { defineCommand, defineDecider, defineService, fact } from 'tidings'
import { expect } from 'vitest'
import { z } from 'zod'
import { anotherInstance } from './setup/another-instance.ts'
import { type EngineKind, sharedEngines } from './setup/engines.ts'
import { promise } from './setup/promise-test.ts'
import { createWorld } from './setup/world.ts'

const Box = z.object({ box: z.string() })
const key = ({ box }: z.infer<typeof Box>) => box
const Open = defineCommand('open', { input: Box, key })
const Seal = defineCommand('seal', { input: Box, key })
const Look = defineCommand('look', { input: Box, output: z.enum(['open', 'sealed']), key })

const box = defineDecider('box', {
  commands: { Open, Seal, Look },
  facts: { opened: fact(Box), sealed: fact(Box) },
  initialState: () => ({ is: 'sealed' as 'open' | 'sealed' }),
  decide: {
    Open: (input, { is }, { facts, reject }) =>
      is === 'open' ? reject('is-open', 'It is open.') : facts.opened(input),
    Seal: (input, { is }, { facts, reject }) =>
      is === 'sealed' ? reject('is-sealed', 'It is sealed.') : facts.sealed(input),
    Look: (_, { is }, { answer }) => answer(is),
  },
  evolve: { opened: () => ({ is: 'open' as const }), sealed: () => ({ is: 'sealed' as const }) },
})
const definition = defineService('storeroom')
const storeroom = definition.with({ boxes: definition.decider(box) })

async function twoInstances(kind: EngineKind) {
  const world = await createWorld(kind, [storeroom])
  const instances = [world.system.service('storeroom'), await anotherInstance(world, 'storeroom')] as const
  const [a, b] = instances.map((instance) => async (command: string, input: object, idempotencyKey?: string) => {
    const result = await world.run(instance.command(command, input, idempotencyKey ? { idempotencyKey } : {}))
    return result?.accepted === true ? (result.output ?? 'accepted') : result?.rejection.code
  })
  const close = async () => {
    await world.run(instances[1].close())
    await world.close()
  }
  return { a, b, close }
}

promise(
  'P1',
  'a command is not rejected because of what an instance remembers and another has changed [trap: stale-cache]',
  async (kind) => {
    const { a, b, close } = await twoInstances(kind)
    const outcomes: unknown[] = []
    for (let number = 1; number <= 50; number++) {
      const input = { box: `box-${number}` }
      outcomes.push(await b?.('open', input), await a?.('seal', input), await b?.('open', input))
    }
    expect(outcomes).toEqual(Array.from({ length: 150 }, () => 'accepted'))
    await close()
  },
  sharedEngines,
)

promise(
  'P1',
  'a command that changes nothing answers what is there now, not what an instance remembers [trap: stale-cache]',
  async (kind) => {
    const { a, b, close } = await twoInstances(kind)
    const input = { box: 'red' }
    expect([await a?.('open', input), await a?.('look', input)]).toEqual(['accepted', 'open'])
    expect([await b?.('look', input), await b?.('seal', input), await a?.('look', input)]).toEqual([
      'open',
      'accepted',
      'sealed',
    ])
    await close()
  },
  sharedEngines,
)

promise(
  'P3',
  'a rejection is kept under its idempotency key only if it still holds when it is committed [trap: stale-cache]',
  async (kind) => {
    const { a, b, close } = await twoInstances(kind)
    const input = { box: 'blue' }
    await b?.('open', input)
    await a?.('seal', input)
    expect(await b?.('open', input, 'once')).toBe('accepted')
    expect(await a?.('open', input, 'once')).toBe('accepted')
    expect(await a?.('open', input, 'twice')).toBe('is-open')
    await close()
  },
  sharedEngines,
)
