// Web pages beside the HTTP API: the files of their folder are served, and no other file of the machine.

import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'
import { startProcesses } from '../src/child-processes/start-processes.ts'
import { loadConfig } from '../src/config/load-config.ts'
import type { Pages } from '../src/pages/page-folders.ts'
import { startSystem } from '../src/start-system.ts'
import { post, raw, runningShop, shopConfig, temporaryFolder } from './running-shop.ts'

function folderOf(files: Readonly<Record<string, string>>): string {
  const folder = path.join(temporaryFolder(), 'page')
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(path.dirname(path.join(folder, name)), { recursive: true })
    writeFileSync(path.join(folder, name), text)
  }
  return folder
}

const files = {
  'index.html': '<!doctype html><title>Shop</title>',
  'parts/list.js': 'export const list = []',
  'style.css': 'body { color: teal }',
  'empty.txt': '',
  'README.md': '# Not for browsers',
  '.secret.html': 'hunter2',
  '.git/config.json': 'hunter2',
  'orders/index.html': 'hidden by a service',
  '../outside.html': 'hunter2',
}

test('a folder is served at /, each file with its media type and an ETag', async () => {
  const { url } = await runningShop({ http: { pages: folderOf(files) } })
  const page = await fetch(url)
  expect([page.status, await page.text()]).toEqual([200, files['index.html']])
  expect(Object.fromEntries(page.headers)).toMatchObject({
    'content-type': 'text/html; charset=utf-8',
    'cache-control': 'no-cache',
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
  })
  const script = await fetch(`${url}/parts/list.js`)
  expect(script.headers.get('content-type')).toBe('text/javascript; charset=utf-8')
  expect((await fetch(`${url}/style.css?v=1`)).headers.get('content-type')).toBe('text/css; charset=utf-8')
  expect(await (await fetch(`${url}/empty.txt`)).text()).toBe('')
  const again = await fetch(url, { headers: { 'if-none-match': `W/"old", ${page.headers.get('etag')}` } })
  expect([again.status, await again.text()]).toEqual([304, ''])
})

test('a changed file has another ETag', async () => {
  const pages = folderOf(files)
  const { url } = await runningShop({ http: { pages } })
  const before = (await fetch(url)).headers.get('etag')
  writeFileSync(path.join(pages, 'index.html'), 'changed')
  const after = await fetch(url, { headers: { 'if-none-match': before ?? '' } })
  expect([after.status, await after.text()]).toEqual([200, 'changed'])
})

test('P12: a page may use only its own origin, run no inline scripts, and be framed by no other page [trap: access]', async () => {
  const { url } = await runningShop({ http: { pages: folderOf(files) } })
  const policy = (await fetch(url)).headers.get('content-security-policy') ?? ''
  expect(policy).toContain("default-src 'self'")
  expect(policy).toContain("frame-ancestors 'none'")
  expect(policy).not.toMatch(/unsafe|https?:|\*/)
  expect((await fetch(`${url}/openapi.json`)).headers.get('content-security-policy')).toContain("default-src 'none'")
})

test('HEAD has the headers of GET; other methods find no page', async () => {
  const { url } = await runningShop({ http: { pages: folderOf(files) } })
  const head = await raw(url, 'HEAD /style.css HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n')
  expect(head).toMatch(/^HTTP\/1\.1 200 /)
  expect(head).toContain(`content-length: ${files['style.css'].length}`)
  expect(head).toMatch(/\r\n\r\n$/)
  for (const method of ['POST', 'PUT', 'DELETE']) {
    const answer = await fetch(`${url}/style.css`, { method })
    expect([answer.status, answer.headers.get('content-type')]).toEqual([404, 'application/problem+json'])
  }
})

const secret = /hunter2|Not for browsers/
const attempts = [
  '/../outside.html',
  '/parts/../../outside.html',
  '/%2e%2e/outside.html',
  '/..%2foutside.html',
  '/..%5coutside.html',
  '/%252e%252e/outside.html',
  '/..;/outside.html',
  '/parts/%2e%2e%2f%2e%2e%2foutside.html',
  '//outside.html',
  '/./.secret.html',
  '/.secret.html',
  '/%2esecret.html',
  '/.git/config.json',
  '/README.md',
  '/style.css%00.html',
  '/style.css.',
  '/style.css::$DATA',
  '/C:/outside.html',
  '/%ff.html',
  '/%.html',
  '/parts',
  '/parts/',
  '/linked.html',
  '/linked/outside.html',
  'http://localhost/../outside.html',
]

test.each(attempts)('P12: %s is answered with a problem and reads no file', async (target) => {
  const pages = folderOf(files)
  symlinkSync(path.join(pages, '../outside.html'), path.join(pages, 'linked.html'))
  symlinkSync(path.join(pages, '..'), path.join(pages, 'linked'))
  const { url } = await runningShop({ http: { pages } })
  const text = await raw(url, `GET ${target} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`)
  expect(text).toMatch(/^HTTP\/1\.1 40[04] /)
  expect(text).not.toMatch(secret)
  expect(text).toContain('application/problem+json')
})

test('P12: pages are refused to other hosts and to pages of other origins', async () => {
  const { url } = await runningShop({ http: { pages: folderOf(files) } })
  const rebound = await raw(url, 'GET / HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n')
  expect(rebound).toMatch(/^HTTP\/1\.1 403 .*"host-refused"/s)
  const other = await fetch(url, { headers: { origin: 'http://evil.example' } })
  expect([other.status, await other.text()]).toEqual([403, expect.stringContaining('origin-refused')])
})

test('a path of the API is never a page, and pages need no authorize', async () => {
  const pages = folderOf({ ...files, 'openapi.json': '{}', 'orders/openapi.json': '{}' })
  const { url } = await runningShop({
    http: { pages, authorize: ({ kind }) => (kind === 'document' ? { principal: null } : undefined) },
  })
  expect(await (await fetch(`${url}/openapi.json`)).json()).toMatchObject({ openapi: '3.1.0' })
  expect(await (await fetch(`${url}/orders/openapi.json`)).json()).toMatchObject({ openapi: '3.1.0' })
  expect((await fetch(`${url}/orders/`)).status).toBe(404)
  expect((await fetch(url)).status).toBe(200)
  expect((await post(`${url}/orders/queries/order`, {})).status).toBe(401)
})

test('several folders are served, each at its path, the longest path first', async () => {
  const pages: Pages = [
    { path: '/', folder: folderOf({ ...files, 'vendor/lib/index.js': 'shadowed' }) },
    { path: '/vendor/lib', folder: folderOf({ 'index.js': 'lib' }) },
  ]
  const { url } = await runningShop({ http: { pages } })
  expect(await (await fetch(`${url}/vendor/lib/index.js`)).text()).toBe('lib')
  expect((await fetch(`${url}/vendor/lib/other.js`)).status).toBe(404)
  expect((await fetch(`${url}/style.css`)).status).toBe(200)
})

test.each([
  ['page', /not an absolute path/],
  [path.resolve('no-such-folder'), /no folder/],
  [[{ path: 'vendor', folder: import.meta.dirname }], /not a path such as/],
  [[{ path: '/a/../b', folder: import.meta.dirname }], /not a path such as/],
  [
    [
      { path: '/', folder: import.meta.dirname },
      { path: '/', folder: import.meta.dirname },
    ],
    /the same path/,
  ],
] satisfies [Pages, RegExp][])('pages %j are refused at the start', async (pages, message) => {
  await expect(startSystem(shopConfig(), { data: 'unused', http: { pages } })).rejects.toMatchObject({
    code: 'CONFIG_INVALID',
    message: expect.stringMatching(message),
  })
})

test('the front of processes serves pages and leaves its services their paths', { timeout: 60_000 }, async () => {
  const configPath = path.join(import.meta.dirname, 'shop.config.ts')
  const running = await startProcesses(await loadConfig(configPath), configPath, {
    data: temporaryFolder(),
    log: { level: 'silent' },
    http: { pages: [{ path: '/', folder: folderOf(files) }] },
  })
  try {
    const { httpUrl: url } = running
    expect(await (await fetch(url)).text()).toBe(files['index.html'])
    expect((await fetch(`${url}/parts/list.js`)).status).toBe(200)
    expect((await fetch(`${url}/orders/`)).status).toBe(404)
    expect((await post(`${url}/orders/commands/place-order`, { orderId: 'o', cents: 1 })).status).toBe(200)
    expect((await fetch(`${url}/..%2foutside.html`)).headers.get('content-type')).toBe('application/problem+json')
  } finally {
    await running.close()
  }
})
