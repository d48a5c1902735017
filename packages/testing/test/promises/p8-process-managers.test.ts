// P8 Evolvable, for what process managers and timers keep: facts, timers' data and effects of older code are read by newer code, upcast.

import { defineEffect, defineEvent, defineService, fact, type Service, timer } from 'tidings'
import { instanceValue, timerValues } from 'tidings/operations'
import { expect } from 'vitest'
import { z } from 'zod'
import type { EngineKind } from './setup/engines.ts'
import { brokenPromise, promise } from './setup/promise-test.ts'
import { createWorld } from './setup/world.ts'
import { LetterSent, post, sendLetters } from './systems/letters.ts'

const Informed = defineEvent('test.informed', { owner: 'clerks', pattern: 'notification' })
  .version(1, z.object({ to: z.string(), by: z.string(), urgent: z.boolean() }))
  .key(({ to }) => to)
const clerks = defineService('clerks', { publishes: [Informed] })
const Tell1 = defineEffect('tell', { input: z.object({ to: z.string() }), key: ({ to }) => to })
const Tell2 = Tell1.version(2, z.object({ to: z.string(), urgent: z.boolean() }), ({ to }) => ({ to, urgent: true }))

/** Version 1 of the code. */
const older = clerks.with({
  errand: clerks
    .process('errand', {
      facts: { began: fact(z.object({ clerk: z.string() })) },
      initialState: () => ({ by: '' }),
      evolve: { began: (_state, { clerk }) => ({ by: clerk }) },
      timers: { remind: timer(z.object({ note: z.string() })) },
      requests: [Tell1],
    })
    .starts(
      LetterSent,
      ({ to }) => to,
      ({ to }, { facts, timers, request }) => {
        timers.remind.after({ hours: 1 }, { note: 'soon' })
        request(Tell1, { to }, { after: { hours: 1 } })
        return facts.began({ clerk: 'ann' })
      },
    )
    .due('remind', () => {}),
  tell: clerks.effect(Tell1, { perform: () => undefined }),
})

/** Version 2: the fact, the timer's data and the effect have other shapes. */
function newer(received: unknown[], upcast = (clerk: string) => ({ by: { name: clerk } })): Service {
  return clerks.with({
    errand: clerks
      .process('errand', {
        facts: {
          began: fact(z.object({ clerk: z.string() })).version(
            2,
            z.object({ by: z.object({ name: z.string() }) }),
            ({ clerk }) => upcast(clerk),
          ),
        },
        initialState: () => ({ by: '' }),
        evolve: { began: (_state, { by }) => ({ by: by.name }) },
        timers: {
          remind: timer(z.object({ note: z.string() })).version(
            2,
            z.object({ notes: z.array(z.string()), urgent: z.boolean() }),
            ({ note }) => ({ notes: [note], urgent: true }),
          ),
        },
        publishes: [Informed],
        requests: [Tell2],
      })
      .starts(
        LetterSent,
        ({ to }) => to,
        () => {},
      )
      .due('remind', ({ notes, urgent }, { key, state, publish, end }) => {
        received.push(notes)
        publish(Informed, { to: key, by: state.by, urgent })
        end()
      }),
    tell: clerks.effect(Tell2, {
      perform: (input) => {
        received.push(input)
        return undefined
      },
    }),
  })
}

async function upcast(kind: EngineKind, how?: (clerk: string) => { by: { name: string } }): Promise<void> {
  const received: unknown[] = []
  const world = await createWorld(kind, [post, older])
  await sendLetters(world, 'a1')
  await world.settle()
  await world.restart([post, newer(received, how)])
  const service = world.system.service('clerks')
  expect(await instanceValue(service, 'errand', 'a')).toEqual({
    state: 'running',
    run: 1,
    steps: 1,
    value: { by: 'ann' },
  })
  expect((await timerValues(service)).map(({ data }) => data)).toEqual([{ notes: ['soon'], urgent: true }])
  await world.advance(3_700_000)
  await world.settle()
  expect(received).toContainEqual(['soon'])
  expect(received, 'an effect that older code requested').toContainEqual({ to: 'a', urgent: true })
  const { events } = await service.store.readEventLog({ after: '', limit: 10 })
  expect(events.map(({ data }) => JSON.parse(data ?? ''))).toEqual([{ to: 'a', by: 'ann', urgent: true }])
  await world.close()
}

promise('P8', 'facts, timers and effects of older code are upcast for a running process', (kind) => upcast(kind))
brokenPromise('P8', 'an upcaster that loses what it is given', (kind) => upcast(kind, () => ({ by: { name: '?' } })))

promise('P8', 'a timer whose function is gone is parked, and redriven by code that has it again', async (kind) => {
  const received: unknown[] = []
  const world = await createWorld(kind, [post, older])
  await sendLetters(world, 'a1')
  await world.settle()
  const without: Service = { ...newer(received), processes: [], handlers: [] }
  const alarm = { ...without, timers: { other: timer() } }
  await world.restart([post, alarm])
  await world.advance(3_700_000)
  await world.settle()
  await world.restart([post, newer(received)])
  await world.settle()
  expect(received).toContainEqual(['soon'])
  await world.close()
})
