// P12 Guarded: a service publishes only the contracts that it owns, and its functions do only what they declare.

import { defineCommand, defineEffect, defineEvent, defineQuery, defineService, type Service } from 'tidings'
import { deferredEvents } from 'tidings/operations'
import { expect } from 'vitest'
import { z } from 'zod'
import type { EngineKind } from './setup/engines.ts'
import { brokenPromise, promise } from './setup/promise-test.ts'
import { createWorld } from './setup/world.ts'
import { publishedBy } from './systems/fulfilment.ts'
import { LetterSent, post, sendLetters } from './systems/letters.ts'

const id = z.object({ id: z.string() })
const Stamped = defineEvent('test.stamped', { owner: 'clerk', pattern: 'notification' })
  .version(1, id)
  .key((data) => data.id)
const Stamp = defineCommand('stamp', { input: id })
const Register = defineQuery('register', { owner: 'post', input: id, output: id })
const Ring = defineEffect('ring', { input: id, key: (data) => data.id })

/** What a program without types could call on a function's context, whatever the function declares. */
interface Everything {
  publish(contract: unknown, data: unknown, options?: object): void
  execute(command: unknown, input: unknown, options?: object): Promise<unknown>
  lookup(query: unknown, input: unknown): Promise<unknown>
  request(effect: unknown, input: unknown): string
}

const attempts: Readonly<Record<string, (context: Everything) => unknown>> = {
  'publishes an event that it does not declare': ({ publish }) => publish(Stamped, { id: 'x' }),
  'publishes an event of another service': ({ publish }) => publish(LetterSent, { to: 'x', number: 1 }),
  'executes a command that it does not declare': ({ execute }) => execute(Stamp, { id: 'x' }),
  'looks up what it does not declare': ({ lookup }) => lookup(Register, { id: 'x' }),
  'requests an effect that it does not declare': ({ request }) => request(Ring, { id: 'x' }),
}

function clerkThat(attempt: (context: Everything) => unknown, declared: boolean): Service {
  const clerk = defineService('clerk', { publishes: [Stamped], limits: { attemptsMax: 1 } })
  return clerk.with({
    stamp: clerk.command(Stamp, { publishes: [Stamped] }, (input, { publish }) => publish(Stamped, input)),
    ring: clerk.effect(Ring, { perform: () => undefined }),
    read: clerk.on(LetterSent, declared ? { publishes: [Stamped] } : {}, async (_letter, context) => {
      await attempt(context as unknown as Everything)
    }),
  })
}

async function refused(kind: EngineKind, attempt: (context: Everything) => unknown, declared = false): Promise<void> {
  const world = await createWorld(kind, [post, clerkThat(attempt, declared)])
  await sendLetters(world, 'a1')
  await world.settle()
  expect(deferredEvents(world.system.service('clerk'))).toMatchObject([
    { state: 'parked', error: { code: 'NOT_DECLARED' } },
  ])
  expect(await publishedBy(world, 'clerk')).toEqual([])
  await world.close()
}

for (const [what, attempt] of Object.entries(attempts))
  promise('P12', `an event whose function ${what} is parked, and has no effect [trap: access]`, (kind) =>
    refused(kind, attempt),
  )
brokenPromise('P12', 'what is published was declared after all', (kind) =>
  refused(kind, ({ publish }) => publish(Stamped, { id: 'x' }), true),
)

promise(
  'P12',
  'a service that publishes, answers or shows what another owns is refused where it is defined [trap: access]',
  async () => {
    const clerk = defineService('clerk', { publishes: [LetterSent] })
    expect(() => clerk.with({})).toThrow(expect.objectContaining({ code: 'NOT_OWNED' }))
    const other = defineService('clerk', {})
    expect(() => other.with({ register: other.query(Register, (input) => input) })).toThrow(
      expect.objectContaining({ code: 'NOT_OWNED' }),
    )
  },
)

promise('P11', 'an invalid time of an event or a command is refused with its code [trap: payloads]', async (kind) => {
  for (const attempt of [
    ({ publish }: Everything) => publish(Stamped, { id: 'x' }, { occurredAt: new Date(Number.NaN) }),
    ({ execute }: Everything) => execute(Stamp, { id: 'x' }, { occurredAt: new Date(Number.NaN) }),
  ]) {
    const clerk = defineService('clerk', { publishes: [Stamped], limits: { attemptsMax: 1 } })
    const world = await createWorld(kind, [
      post,
      clerk.with({
        stamp: clerk.command(Stamp, { publishes: [Stamped] }, (input, { publish }) => publish(Stamped, input)),
        read: clerk.on(LetterSent, { publishes: [Stamped], executes: [Stamp] }, async (_letter, context) => {
          await attempt(context as unknown as Everything)
        }),
      }),
    ])
    await sendLetters(world, 'a1')
    await world.settle()
    expect(deferredEvents(world.system.service('clerk'))).toMatchObject([{ error: { code: 'INVALID_PAYLOAD' } }])
    expect(await publishedBy(world, 'clerk')).toEqual([])
    await world.close()
  }
})
