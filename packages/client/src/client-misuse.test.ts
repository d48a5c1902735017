// What plain JavaScript passes to a client by mistake is refused with a sentence, before anything is sent.
import { defineCommand, isTidingsError } from 'tidings'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { createClient } from './create-client.ts'

const Known = defineCommand('known', { expose: true, input: z.object({}) })
const services = { svc: { name: 'svc', commands: [Known], queries: [] } } as const
const client = createClient({ url: 'http://127.0.0.1:1', services, retryTimeoutMs: 1 })
const junk = [undefined, null, 7, 'a text', Symbol('s'), () => {}, [], {}, Promise.resolve({}), Object.create(null)]

const calls: readonly (readonly [string, (given: never) => unknown])[] = [
  ['its options', (given) => createClient(given)],
  ['its services', (given) => createClient({ url: 'http://127.0.0.1', services: given })],
  ['a service', (given) => createClient({ url: 'http://127.0.0.1', services: { svc: given } })],
  ['a command', (given) => client.svc.command(given, {} as never)],
  ['a query', (given) => client.svc.query(given, {} as never)],
  ['a live query', (given) => client.svc.live(given, {} as never)],
]

test.each(calls)('a client refuses junk with a sentence: %s', async (what, call) => {
  for (const given of junk) {
    // An empty object is a client without services.
    if (what === 'its services' && typeof given === 'object' && given !== null && !Array.isArray(given)) continue
    const thrown = await Promise.resolve()
      .then(() => call(given as never))
      .then(
        () => undefined,
        (reason: unknown) => reason,
      )
    expect(isTidingsError(thrown) && thrown.code, String(typeof given)).toBe('INVALID_CONTRACT')
  }
})

test('a command that is undefined is named with the way to pass it', async () => {
  await expect(client.svc.command(undefined as never, {} as never)).rejects.toMatchObject({
    message: 'The first argument of .command(…) of the client of svc must be a command, but it is undefined.',
    hint: expect.stringContaining('`.command(…, { … })`'),
  })
})
