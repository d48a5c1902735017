// Two copies of the package in one process, as a nested install makes them: errors, rejections and contracts of one are known to the other.

import { cpSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import * as first from 'tidings'
import { describeThrown, retryOf } from 'tidings/errors'
import { deferredEvents } from 'tidings/operations'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { z } from 'zod'
import { inSession } from '../../src/index.ts'

const root = path.join(import.meta.dirname, '../../../..')
const folder = mkdtempSync(path.join(tmpdir(), 'tidings-copy-'))
let second: typeof first

beforeAll(async () => {
  cpSync(path.join(root, 'packages/tidings/src'), path.join(folder, 'src'), { recursive: true })
  cpSync(path.join(root, 'packages/tidings/package.json'), path.join(folder, 'package.json'))
  symlinkSync(path.join(root, 'node_modules'), path.join(folder, 'node_modules'))
  second = (await import(pathToFileURL(path.join(folder, 'src/index.ts')).href)) as typeof first
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const input = z.object({ id: z.string(), how: z.string() })

test('the second copy is another one', () => {
  expect(second.TidingsError).not.toBe(first.TidingsError)
})

test('an error of the other copy is known by its code and retried by its class', () => {
  const error = new second.TidingsError('LOOKUP_UNAVAILABLE', 'Down.')
  expect(error).not.toBeInstanceOf(first.TidingsError)
  expect(first.isTidingsError(error, 'LOOKUP_UNAVAILABLE')).toBe(true)
  expect(retryOf(error)).toBe('unavailable')
  expect(describeThrown(error)).toMatchObject({ code: 'LOOKUP_UNAVAILABLE', message: 'Down.' })
})

test('contracts, effects, deciders and rejections of the other copy work in a service of this one', () => {
  const contracts = (copy: typeof first) => ({
    Done: copy
      .defineEvent('test.done', { owner: 'mixed', pattern: 'notification' })
      .version(1, input)
      .key(({ id }) => id),
    Send: copy.defineEffect('send', { input, key: ({ id }) => id }),
    Do: copy.defineCommand('do', { input }),
    Decide: copy.defineCommand('decide', { input, key: ({ id }) => id }),
  })
  const here = contracts(first)
  const there = contracts(second)
  const entity = second.defineDecider('entity', {
    commands: { Decide: there.Decide },
    facts: { done: second.fact(input) },
    initialState: () => ({}),
    decide: { Decide: (data, _, { facts }) => facts.done(data) },
    evolve: { done: (state) => state },
  })
  const definition = first.defineService('mixed', { publishes: [here.Done] })
  const performed: string[] = []
  const mixed = definition.with({
    entity: definition.decider(entity, {
      publishes: [here.Done],
      announce: { done: (data, _, { event }) => event(there.Done, data) },
    }),
    do: definition.command(here.Do, { publishes: [here.Done], requests: [here.Send] }, (data, { publish, request }) => {
      if (data.how === 'reject') throw second.reject('no', 'No.')
      publish(there.Done, data)
      request(there.Send, data)
    }),
    onDone: definition.on(there.Done, {}, ({ how }) => {
      if (how === 'refuse') throw new second.TidingsError('HANDLER_REJECTED', 'Never.')
    }),
    send: definition.effect(there.Send, { perform: () => {} }),
  })
  return inSession(
    { services: [mixed], effects: [[here.Send, ({ id }) => void performed.push(id)]] },
    async (session) => {
      const runtime = session.runtime(mixed)
      const run = (name: string, how: string) => session.drive(runtime.command(name, { id: how, how }))
      expect(await run('do', 'reject')).toMatchObject({ accepted: false, rejection: { code: 'no' } })
      expect(await run('do', 'refuse')).toMatchObject({ accepted: true })
      expect(await run('decide', 'well')).toMatchObject({ accepted: true })
      await session.settled()
      expect((await session.published(here.Done)).map(({ data }) => data?.how)).toEqual(['refuse', 'well'])
      expect(performed).toEqual(['refuse'])
      // An error of the other copy keeps its class: it is parked at once.
      expect(deferredEvents(runtime).map(({ state, error }) => [state, error?.code])).toEqual([
        ['parked', 'HANDLER_REJECTED'],
      ])
    },
  )
})
