// The smallest system runs from any folder, and runs again on the same data. Invariant: it runs in a copy, never in place.
import { execFileSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'

// Inside the repository, so that imports of its packages resolve; git ignores the folder.
const scratch = resolve(import.meta.dirname, '../.tidings')
let folder: string

beforeAll(() => {
  mkdirSync(scratch, { recursive: true })
  folder = mkdtempSync(join(scratch, 'copy-'))
  cpSync(resolve(import.meta.dirname, '../main.ts'), join(folder, 'main.ts'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const run = () => execFileSync(process.execPath, [join(folder, 'main.ts')], { cwd: tmpdir(), encoding: 'utf8' })

test('the file runs without arguments, and the second service handles the event of the first', () => {
  expect(run()).toBe("parcel: { orderId: 'order-1', item: 'tea' }\n")
  expect(['orders.db', 'shipping.db'].filter((file) => !existsSync(join(folder, '.tidings', file)))).toEqual([])
})

test('it runs again on the same data, with the same output', () => {
  expect(run()).toBe("parcel: { orderId: 'order-1', item: 'tea' }\n")
})

test('importing it as a configuration starts nothing', async () => {
  const { default: config } = await import('../main.ts')
  expect(config).toMatchObject({ kind: 'config', name: 'hello' })
})
