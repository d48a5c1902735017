// The guide docs/guides/sign-in.md, run from its own text: its files are written into a folder, and callers come with tokens good and bad.

import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Authorize } from '@tidings/http'
import { type CryptoKey, exportJWK, generateKeyPair, SignJWT } from 'jose'
import type { Service } from 'tidings'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { openStream } from './live-stream.ts'
import { post, runningShop } from './running-shop.ts'

const root = path.resolve(import.meta.dirname, '../../..')
const guide = readFileSync(path.join(root, 'docs/guides/sign-in.md'), 'utf8')
const files = [...guide.matchAll(/^```ts\n\/\/ (\S+)\n([\s\S]*?)^```$/gm)].map(([, name = '', text = '']) => ({
  name,
  text,
}))

const issuing = await generateKeyPair('ES256')
const foreign = await generateKeyPair('ES256')
let issuer = ''
let keysAreServed = true
const server = createServer(async (_request, response) => {
  const key = { ...(await exportJWK(issuing.publicKey)), kid: 'k1', alg: 'ES256' }
  response
    .writeHead(keysAreServed ? 200 : 503, { 'content-type': 'application/json' })
    .end(JSON.stringify({ keys: [key] }))
})

// The modules must find `jose` and `tidings`, so the folder is within the repository.
const scratch = path.join(root, '.tidings')
mkdirSync(scratch, { recursive: true })
const folder = mkdtempSync(path.join(scratch, 'sign-in-'))
let loads = 0

beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  issuer = `http://127.0.0.1:${(server.address() as { port: number }).port}`
  process.env.SIGN_IN_ISSUER = issuer
})
afterAll(() => {
  server.close()
  rmSync(folder, { recursive: true, force: true })
})

/** A file of the guide, loaded anew: it keeps the keys that it has fetched. */
async function load<Module>(wanted: string): Promise<Module> {
  const place = path.join(folder, String(++loads))
  mkdirSync(place)
  for (const { name, text } of files) writeFileSync(path.join(place, name), text)
  return (await import(pathToFileURL(path.join(place, wanted)).href)) as Module
}

async function served(http: object = {}) {
  const { authorize } = await load<{ authorize: Authorize }>('sign-in.ts')
  const { orders } = await load<{ orders: Service }>('orders.ts')
  const running = await runningShop({ config: { services: [orders] }, http: { authorize, ...http } })
  const cancel = (headers: Record<string, string>, orderId = 'o-1') =>
    post(`${running.url}/orders/commands/cancel-order`, { orderId }, headers)
  const cancelled = async (headers: Record<string, string>) =>
    (await post(`${running.url}/orders/queries/cancelled-orders`, {}, headers)).body
  return { ...running, cancel, cancelled }
}

interface TokenParts {
  readonly claims?: object
  readonly key?: CryptoKey
  readonly audience?: string
  readonly expires?: string | number
}

const tokenOf = ({ claims = {}, key = issuing.privateKey, audience = 'shop', expires = '1h' }: TokenParts = {}) =>
  new SignJWT({ org: 'acme', roles: ['clerk'], email: 'ada@acme.example', ...claims })
    .setProtectedHeader({ alg: 'ES256', kid: 'k1' })
    .setSubject('u-1')
    .setIssuer(issuer)
    .setAudience(audience)
    .setExpirationTime(expires)
    .sign(key)

const bearer = async (parts?: TokenParts) => ({ authorization: `Bearer ${await tokenOf(parts)}` })

test('the guide has the two files', () => {
  expect(files.map(({ name }) => name)).toEqual(['sign-in.ts', 'orders.ts'])
})

test('a caller with a valid token is let in, by header or by cookie, and roles, tenant and claims decide what it may do', async () => {
  const { cancel, cancelled } = await served()
  expect((await cancel(await bearer())).status).toBe(200)
  const cookie = { cookie: `theme=dark; session=${await tokenOf({ claims: { email: undefined } })}` }
  expect((await cancel(cookie, 'o-2')).status).toBe(200)
  const customer = await cancel(await bearer({ claims: { roles: ['customer'] } }))
  expect([customer.status, customer.body]).toMatchObject([409, { rejection: { code: 'not-a-clerk' } }])
  expect(await cancelled(await bearer())).toEqual([
    { orderId: 'o-1', tenant: 'acme', by: 'ada@acme.example' },
    { orderId: 'o-2', tenant: 'acme', by: 'u-1' },
  ])
  expect(await cancelled(await bearer({ claims: { org: 'umbrella' } })), 'of another tenant').toEqual([])
})

test('P12: every other caller gets a 401: no token, an expired one, one for another application, by another key, unsigned, or nonsense [trap: access]', async () => {
  const { cancel } = await served()
  const unsigned = `${btoa('{"alg":"none"}')}.${btoa(JSON.stringify({ sub: 'u-1', iss: issuer, aud: 'shop', exp: 9e9 }))}.`
  const refused: Record<string, string>[] = [
    {},
    await bearer({ expires: 1 }),
    await bearer({ audience: 'another' }),
    await bearer({ key: foreign.privateKey }),
    { authorization: `Bearer ${unsigned.replaceAll('=', '')}` },
    { authorization: 'Bearer nonsense' },
    { authorization: 'Basic YTpi' },
    { cookie: 'session=' },
  ]
  for (const headers of refused) expect((await cancel(headers)).status, JSON.stringify(headers)).toBe(401)
})

test('an EventSource is let in by its cookie, and its stream ends when its token has expired [trap: access]', async () => {
  const { url, cancel } = await served({ reauthorizeMs: 100 })
  const live = `${url}/orders/live/cancellations?input=%7B%7D`
  expect((await fetch(live)).status).toBe(401)
  const session = { cookie: `session=${await tokenOf({ expires: '2s' })}` }
  const stream = await openStream(live, session)
  expect(await stream.next()).toMatchObject({ event: 'snapshot' })
  await cancel(await bearer())
  expect(await stream.next()).toMatchObject({ event: 'put' })
  expect(await stream.next()).toBeUndefined()
  expect((await fetch(live, { headers: session })).status).toBe(401)
})

test('while the keys cannot be fetched, callers get a 500 that reveals nothing, and nobody is let in', async () => {
  keysAreServed = false
  onTestFinished(() => {
    keysAreServed = true
  })
  const { cancel } = await served()
  expect((await cancel(await bearer())).status).toBe(500)
})
