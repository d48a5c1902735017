// Who may read live queries, for how long, and how many at once. The system has notes, which only their owner sees.

import { defineCommand, defineLiveQuery, defineService, defineTable, TidingsError } from 'tidings'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { type ApiAccessOptions, type ApiRequest, type Authorize, createHttpApi, type HttpApi } from '../src/index.ts'
import { EventParser, type SentEvent } from '../src/wire/index.ts'
import { runningServices } from './rooms.ts'

const note = z.object({ noteId: z.string(), owner: z.string() })
const WriteNote = defineCommand('write-note', { expose: true, input: z.object({ noteId: z.string() }) })
const MyNotes = defineLiveQuery('my-notes', { owner: 'notes', expose: true, input: z.object({}), row: note })
const Audit = defineLiveQuery('audit', { owner: 'notes', expose: true, input: z.object({}), row: note })

const notes = defineService('notes', {
  tables: {
    notes: defineTable('notes')
      .version(1, note)
      .key(({ noteId }) => noteId)
      .index('owner'),
  },
})
const ownerOf = (principal: { readonly id: string; readonly tenant: string | null } | null) =>
  principal === null ? 'nobody' : `${principal.tenant}/${principal.id}`
const service = notes.with({
  writeNote: notes.command(WriteNote, {}, ({ noteId }, { tables, principal }) => {
    tables.notes.put({ noteId, owner: ownerOf(principal) })
  }),
  myNotes: notes.live(MyNotes, {
    of: 'notes',
    where: (_input, { principal }) => ({ index: 'owner', value: ownerOf(principal) }),
  }),
  audit: notes.live(Audit, {
    of: 'notes',
    where: (_input, { principal }) => {
      if (!principal?.roles.includes('auditor')) throw new TidingsError('FORBIDDEN', 'Only for auditors.')
      return { index: 'owner', value: 'acme/ada' }
    },
  }),
})

/** `x-user: ada of acme` */
const byUser: Authorize = ({ headers }) => {
  const [id, tenant] = headers.get('x-user')?.split(' of ') ?? []
  return id === undefined ? undefined : { principal: { id, tenant } }
}

const origin = 'http://localhost'
const bundle = (...of: readonly unknown[]) => `${origin}/live?of=${encodeURIComponent(JSON.stringify(of))}`
const mine = ['notes', 'my-notes', {}]
const alone = `${origin}/notes/live/my-notes?input=${encodeURIComponent('{}')}`

async function served(settings: ApiAccessOptions = {}) {
  const running = await runningServices([service])
  const { services, environment } = running
  const api = createHttpApi({ services, environment, settings: { authorize: byUser, ...settings } })
  return { ...running, api }
}

const get = (api: HttpApi, url: string, user?: string, address?: string, headers: Record<string, string> = {}) =>
  api.fetch(
    new Request(url, { headers: { ...(user === undefined ? {} : { 'x-user': user }), ...headers } }),
    address === undefined ? undefined : { address },
  )

const write = (api: HttpApi, noteId: string, user: string) =>
  api.fetch(
    new Request(`${origin}/notes/commands/write-note`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-user': user },
      body: JSON.stringify({ noteId }),
    }),
  )

function eventsOf(response: Response) {
  const parser = new EventParser()
  const reader = response.body?.pipeThrough(new TextDecoderStream() as never).getReader() as
    | ReadableStreamDefaultReader<string>
    | undefined
  const events: SentEvent[] = []
  return {
    next: async (): Promise<SentEvent | undefined> => {
      while (events.length === 0) {
        const piece = await reader?.read()
        if (piece?.value === undefined) return undefined
        events.push(...parser.push(piece.value))
      }
      return events.shift()
    },
    cancel: () => reader?.cancel(),
  }
}

test('P12: a bundle whose caller may read none of its parts is a problem, and no stream stays open [trap: access]', async () => {
  const { api } = await served()
  const strangers = await get(api, bundle(mine, mine, ['nobody', 'nothing', {}]))
  expect([strangers.status, strangers.headers.get('content-type')]).toEqual([401, 'application/problem+json'])
  expect(await strangers.json()).toMatchObject({
    code: 'UNAUTHENTICATED',
    refused: [
      { of: 0, problem: { code: 'UNAUTHENTICATED' } },
      { of: 1, problem: { code: 'UNAUTHENTICATED' } },
      { of: 2, problem: { code: 'UNAUTHENTICATED' } },
    ],
  })
  const forbidden = await get(api, bundle(['notes', 'audit', {}], ['nobody', 'nothing', {}]), 'ada')
  expect(forbidden.status).toBe(403)
  expect(await forbidden.json()).toMatchObject({
    refused: [{ problem: { status: 403 } }, { problem: { status: 404 } }],
  })
  const unknown = await get(api, bundle(['notes', 'nothing', {}]), 'ada')
  expect(unknown.status).toBe(404)
})

test('P12: if authorize itself fails, a bundle is a 500 and no stream stays open [trap: access]', async () => {
  const { api } = await served({
    authorize: () => {
      throw new TypeError('a bug')
    },
  })
  expect((await get(api, bundle(mine), 'ada')).status).toBe(500)
})

test('P12: the parts of a bundle show the rows of its caller, whichever header says who it is [trap: access]', async () => {
  const { api } = await served()
  await write(api, 'n1', 'ada of acme')
  await write(api, 'n2', 'ada')
  await write(api, 'n3', 'bob of acme')
  for (const url of [bundle(mine), alone]) {
    const events = eventsOf(await get(api, url, 'ada of acme'))
    const snapshot = JSON.parse((await events.next())?.data ?? '') as { rows: { key: string }[] }
    expect(snapshot.rows.map(({ key }) => key)).toEqual(['n1'])
    await events.cancel()
  }
})

test('authorize sees method, path, parameters, headers and address; a part of a bundle has the path of its live query', async () => {
  const seen: unknown[] = []
  const { api } = await served({
    trustProxy: 1,
    authorize: ({ method, path, query, headers, address, connection, kind, name, service }: ApiRequest) => {
      seen.push([
        method,
        path,
        query('access_token'),
        headers.get('x-user'),
        address,
        connection.address,
        kind,
        name,
        service,
      ])
      return { principal: 'ada' }
    },
  })
  const forwarded = { 'x-forwarded-for': '6.6.6.6, 1.2.3.4' }
  const url = `${bundle(mine)}&access_token=t`
  await eventsOf(await get(api, url, 'ada', '10.0.0.1', forwarded)).cancel()
  await eventsOf(await get(api, `${alone}&access_token=t`, 'ada', '10.0.0.1', forwarded)).cancel()
  const expected = ['GET', '/notes/live/my-notes', 't', 'ada', '1.2.3.4', '10.0.0.1', 'live', 'my-notes', 'notes']
  expect(seen).toEqual([expected, expected])
})

test('P12: a reader that is no longer let in gets nothing more after the next interval [trap: access]', async () => {
  let isSignedIn = true
  const authorize: Authorize = () => (isSignedIn ? { principal: { id: 'ada', tenant: 'acme' } } : undefined)
  const { api, timeouts } = await served({ authorize, reauthorizeMs: 10_000 })
  const streams = [eventsOf(await get(api, alone)), eventsOf(await get(api, bundle(mine)))] as const
  for (const stream of streams) expect(await stream.next()).toMatchObject({ event: 'snapshot' })
  await timeouts.advance(10_000)
  await write(api, 'n1', '')
  for (const stream of streams) expect(await stream.next(), 'it is still let in').toMatchObject({ event: 'put' })
  isSignedIn = false
  await timeouts.advance(10_000)
  expect(await streams[0].next()).toBeUndefined()
  expect(await streams[1].next()).toMatchObject({ event: 'refused', data: expect.stringContaining('UNAUTHENTICATED') })
  expect(await streams[1].next(), 'nothing is left to read').toBeUndefined()
  expect((await get(api, bundle(mine))).status).toBe(401)
})

test('P12: a reader that becomes somebody else, or loses a role, is ended [trap: access]', async () => {
  let roles = ['auditor', 'clerk']
  const authorize: Authorize = () => ({ principal: { id: 'ada', tenant: 'acme', roles } })
  const { api, timeouts } = await served({ authorize, reauthorizeMs: 10_000 })
  const events = eventsOf(await get(api, bundle(['notes', 'audit', {}])))
  expect(await events.next()).toMatchObject({ event: 'snapshot' })
  roles = ['clerk']
  await timeouts.advance(10_000)
  expect(await events.next()).toMatchObject({ event: 'refused' })
  expect(await events.next()).toBeUndefined()
})

test('while authorize fails, a reader stays for two intervals, and is ended at the third', async () => {
  let fails = false
  const authorize: Authorize = () => {
    if (fails) throw new Error('the identity provider is down')
    return { principal: 'ada' }
  }
  const { api, timeouts, lines } = await served({ authorize, reauthorizeMs: 10_000 })
  const events = eventsOf(await get(api, alone))
  expect(await events.next()).toMatchObject({ event: 'snapshot' })
  fails = true
  await timeouts.advance(20_000)
  fails = false
  await write(api, 'n1', '')
  expect(await events.next()).toMatchObject({ event: 'put' })
  await timeouts.advance(10_000)
  fails = true
  expect(lines, 'nothing is said while the reader stays').toEqual([])
  await timeouts.advance(30_000)
  expect(await events.next()).toBeUndefined()
  const path = '/notes/live/my-notes'
  expect(lines).toMatchObject([
    { level: 'error', service: 'notes', fields: { path, error: 'Error: the identity provider is down' } },
  ])
})

test('P12: an authorize that never answers keeps nobody in: three such intervals end a reader [trap: access]', async () => {
  let hangs = false
  const authorize: Authorize = () => (hangs ? new Promise<never>(() => {}) : { principal: 'ada' })
  const { api, timeouts } = await served({ authorize, reauthorizeMs: 10_000 })
  const events = eventsOf(await get(api, alone))
  expect(await events.next()).toMatchObject({ event: 'snapshot' })
  hangs = true
  // Each interval is followed by as long a wait for the answer.
  await timeouts.advance(60_000)
  expect(await events.next()).toBeUndefined()
})

test('the streams of a principal, or of a tenant, can be ended', async () => {
  const { api } = await served()
  const open = async (user: string) => {
    const events = eventsOf(await get(api, user.startsWith('ada') ? bundle(mine) : alone, user))
    await events.next()
    return events
  }
  const [ada, adaOfAcme, bob] = [await open('ada'), await open('ada of acme'), await open('bob of acme')] as const
  expect(api.endLive({ principal: 'nobody' })).toBe(0)
  expect(api.endLive({ principal: 'ada', tenant: 'acme' })).toBe(1)
  expect(await adaOfAcme.next()).toBeUndefined()
  await write(api, 'n1', 'ada')
  expect(await ada.next()).toMatchObject({ event: 'put' })
  expect(api.endLive({ tenant: 'acme' })).toBe(1)
  expect(await bob.next()).toBeUndefined()
  expect(api.endLive()).toBe(1)
  expect(await ada.next()).toBeUndefined()
})

test('P11: one address can open only so many streams, alone or in bundles; a place is free again when its reader has gone', async () => {
  const { api } = await served({ connectionCountPerAddressMax: 2 })
  const first = eventsOf(await get(api, alone, 'ada', '1.2.3.4'))
  await first.next()
  const second = eventsOf(await get(api, bundle(mine, mine, mine), 'ada', '1.2.3.4'))
  const parts = [await second.next(), await second.next(), await second.next()]
  expect(parts.map((event) => JSON.parse(event?.data ?? '').of).sort(), 'equal parts too').toEqual([0, 1, 2])
  for (const url of [alone, bundle(mine)]) {
    const refused = await get(api, url, 'ada', '::ffff:1.2.3.4')
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, '1'])
    expect(await refused.json()).toMatchObject({ code: 'too-many-streams' })
  }
  const other = eventsOf(await get(api, alone, 'ada', '1.2.3.5'))
  expect(await other.next(), 'other addresses are not held up').toMatchObject({ event: 'snapshot' })
  await first.cancel()
  expect((await get(api, alone, 'ada', '1.2.3.4')).status).toBe(200)
})

test('P11: refused requests take no place', async () => {
  const { api } = await served({ connectionCountPerAddressMax: 1 })
  for (let number = 0; number < 20; number++) {
    expect((await get(api, bundle(mine, mine), undefined, '1.2.3.4')).status).toBe(401)
    expect((await get(api, alone, undefined, '1.2.3.4')).status).toBe(401)
    expect((await get(api, `${origin}/live?of=[]`, 'ada', '1.2.3.4')).status).toBe(422)
  }
  expect((await get(api, alone, 'ada', '1.2.3.4')).status).toBe(200)
})

test('P11: behind a proxy that is trusted, its callers are counted, and not the proxy', async () => {
  const { api } = await served({ connectionCountPerAddressMax: 1, trustProxy: ['10.0.0.0/8'] })
  const from = async (caller: string) =>
    (await get(api, alone, 'ada', '10.0.0.1', { 'x-forwarded-for': caller })).status
  expect([await from('1.1.1.1'), await from('2.2.2.2'), await from('9.9.9.9, 1.1.1.1')]).toEqual([200, 200, 429])
})

test.each([0, 1.5, ['proxy.internal'], ['10.0.0.0/40']])('a wrong trustProxy is refused: %j', (trustProxy) => {
  const environment = {} as never
  expect(() => createHttpApi({ services: [], environment, settings: { trustProxy } })).toThrow(
    expect.objectContaining({ code: 'CONFIG_INVALID' }),
  )
})

test('a bundle can begin after events that were read before', async () => {
  const { api } = await served()
  const first = eventsOf(await get(api, bundle(mine), 'ada'))
  const { id } = (await first.next()) ?? { id: '' }
  await first.cancel()
  await write(api, 'n1', 'ada')
  const again = eventsOf(await get(api, bundle([...mine, id]), 'ada'))
  expect(await again.next()).toMatchObject({ event: 'put', data: expect.stringContaining('"n1"') })
})
