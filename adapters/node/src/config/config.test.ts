// A wrong configuration is refused with an error that names the wrong part.

import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { defineService } from 'tidings'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { defineConfig } from './config.ts'
import { loadConfig } from './load-config.ts'

const entry = fileURLToPath(new URL('../index.ts', import.meta.url))
const orders = defineService('orders').with({})
const engine = () => ({ name: 'none', open: () => Promise.reject(new TypeError('unused')) })
let folder: string

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'tidings-config-'))
})

afterEach(() => rmSync(folder, { recursive: true, force: true }))

test.each([
  ['no object', null, /must be an object/],
  ['an unknown option', { name: 'shop', services: [orders], engine, port: 1 }, /option "port", which does not exist/],
  ['an old option name', { name: 'shop', services: [orders], engine, doors: {} }, /doors, which is now called http/],
  ['no name', { services: [orders], engine }, /needs a name/],
  ['no services', { name: 'shop', services: [], engine }, /at least one/],
  ['a definition', { name: 'shop', services: [defineService('orders')], engine }, /complete it with/],
  ['two of a name', { name: 'shop', services: [orders, orders], engine }, /Two services are named orders/],
  ['no engine', { name: 'shop', services: [orders] }, /needs an engine/],
  ['a bad port', { name: 'shop', services: [orders], engine, http: { port: 70_000 } }, /http\.port/],
  ['a bad option of http', { name: 'shop', services: [orders], engine, http: { prot: 1 } }, /"prot"/],
  ['a bad list', { name: 'shop', services: [orders], engine, http: { hosts: 'shop.example' } }, /http\.hosts/],
  ['a bad limit', { name: 'shop', services: [orders], engine, http: { bodyBytesMax: 0 } }, /http\.bodyBytesMax/],
  ['a bad hook', { name: 'shop', services: [orders], engine, http: { authorize: true } }, /http\.authorize/],
])('a configuration with %s is refused', (_what, options, message) => {
  expect(() => defineConfig(options as never)).toThrow(
    expect.objectContaining({ code: 'CONFIG_INVALID', message: expect.stringMatching(message) }),
  )
})

const write = (name: string, text: string) => writeFileSync(path.join(folder, name), text)

test('a TypeScript configuration is found in its folder and imported as it is', async () => {
  write(
    'tidings.config.ts',
    [
      `import { defineConfig } from ${JSON.stringify(entry)}`,
      `const name: string = 'shop'`,
      `export default defineConfig({ name, services: [{ kind: 'service', name: 'orders' } as never], engine: (() => {}) as never, data: 'kept' })`,
    ].join('\n'),
  )
  const config = await loadConfig(folder)
  expect(config.name).toBe('shop')
  expect(config.path).toBe(path.join(folder, 'tidings.config.ts'))
  expect(config.data).toBe(path.join(folder, 'kept'))
})

test.each([
  ['a syntax error', 'export const a = 1\nexport const b = (\n', ':2', 'Expression expected'],
  ['syntax that Node cannot strip', '\n\nexport enum Kind { A }', ':3', 'TypeScript enum is not supported'],
  ['an import that does not exist', "import { nope } from './other.ts'\nexport const a = nope", ':1', "named 'nope'"],
  ['an error that it throws', '\n\nthrow new TypeError("boom")', ':3:7', 'boom'],
  ['a name declared twice', 'let a = 1\nlet a = 2', ':2', "'a' has already been declared", 'orders.mjs'],
])(
  '%s in a file of a service is reported with that file and line',
  async (_what, text, position, reason, file = 'orders.ts') => {
    write('tidings.config.ts', `import './${file}'\nexport default {}`)
    write('other.ts', 'export const other = 1')
    write(file, text)
    // In a Node of its own: here, the test runner loads the files.
    const load = `import { loadConfig } from ${JSON.stringify(entry)}
    await loadConfig(${JSON.stringify(folder)}).catch(({ message, hint }) => console.log(JSON.stringify({ message, hint })))`
    const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', load])
    expect(JSON.parse(stdout)).toEqual({
      message: expect.stringMatching(`^${path.join(folder, file)}${position} failed to load: .*${reason}`),
      hint: `Correct it; ${path.join(folder, 'tidings.config.ts')} imports it.`,
    })
  },
)

test.each([
  ['that does not exist', undefined, /no configuration at/],
  ['that throws', 'throw new TypeError("boom")', /failed to load: boom/],
  ['without a default export', 'export const a = 1', /no default export/],
  ['with a wrong part', 'export default { name: "shop" }', /at least one/],
])('a file %s is refused with the reason', async (_what, text, message) => {
  if (text !== undefined) write('tidings.config.mjs', text)
  await expect(loadConfig(folder)).rejects.toMatchObject({
    code: 'CONFIG_INVALID',
    message: expect.stringMatching(message),
  })
})
