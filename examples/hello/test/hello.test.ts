// The smallest system runs as it stands, from anywhere, and runs again on what it kept. Invariant: it is run in a copy, never in place.
import { execFileSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'

// Inside the repository, so that its packages are found; git ignores the folder.
const scratch = resolve(import.meta.dirname, '../.tidings')
let folder: string

beforeAll(() => {
  mkdirSync(scratch, { recursive: true })
  folder = mkdtempSync(join(scratch, 'copy-'))
  cpSync(resolve(import.meta.dirname, '../main.ts'), join(folder, 'main.ts'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const run = () => execFileSync(process.execPath, [join(folder, 'main.ts')], { cwd: tmpdir(), encoding: 'utf8' })

test('the file needs no arguments, and its second service heard what its first one published', () => {
  expect(run()).toBe("parcel: { orderId: 'order-1', item: 'tea' }\n")
  expect(['orders.db', 'shipping.db'].filter((file) => !existsSync(join(folder, '.tidings', file)))).toEqual([])
})

test('run again on what was kept, it says the same', () => {
  expect(run()).toBe("parcel: { orderId: 'order-1', item: 'tea' }\n")
})

test('as a configuration it starts nothing', async () => {
  const { default: config } = await import('../main.ts')
  expect(config).toMatchObject({ kind: 'config', name: 'hello' })
})
