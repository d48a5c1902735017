// The client bundled for browsers is small, and has nothing of the server or of a platform.

import path from 'node:path'
import { gzipSync } from 'node:zlib'
import { Rolldown } from 'tsdown'
import { expect, test } from 'vitest'

const root = path.resolve(import.meta.dirname, '../../..')

async function bundled() {
  const bundle = await Rolldown.rolldown({
    input: path.join(import.meta.dirname, '../src/index.ts'),
    platform: 'browser',
    logLevel: 'silent',
  })
  try {
    const { output } = await bundle.generate({ format: 'esm', minify: true })
    const [chunk, ...others] = output
    expect(others).toEqual([])
    const modules = Object.entries(chunk.modules)
      .filter(([, { renderedLength }]) => renderedLength > 0)
      .map(([id]) => path.relative(root, id).split(path.sep).join('/'))
    return { code: chunk.code, imports: [...chunk.imports, ...chunk.dynamicImports], modules }
  } finally {
    await bundle.close()
  }
}

test('bundled for browsers, the client is less than 15 kB gzipped, without the server and without a platform', async () => {
  const { code, imports, modules } = await bundled()
  expect(gzipSync(code).length).toBeLessThan(15_000)
  expect(imports).toEqual([])
  expect(code).not.toMatch(/\bnode:|\bprocess\.|\bBuffer\b|\brequire\(/)
  const places = new Set(
    modules.map((module) =>
      module
        .split('/')
        .slice(0, 4)
        .join('/')
        .replace(/\/[^/]+\.ts$/, ''),
    ),
  )
  expect([...places].sort()).toEqual([
    'packages/client/src',
    'packages/http/src/wire',
    'packages/tidings/src/contracts',
    'packages/tidings/src/errors',
  ])
})

test('the bundle is the client', async () => {
  const { code } = await bundled()
  const { createClient } = await import(`data:text/javascript,${encodeURIComponent(code)}`)
  const client = createClient({
    url: 'http://127.0.0.1:1',
    services: { orders: { name: 'orders' } },
    retryTimeoutMs: 0,
  })
  await expect(client.orders.query({ name: 'order' }, {})).rejects.toMatchObject({ code: 'SERVICE_UNAVAILABLE' })
  client.close()
  await expect(client.orders.query({ name: 'order' }, {})).rejects.toMatchObject({ code: 'CLOSED' })
})
