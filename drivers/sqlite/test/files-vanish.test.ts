// The files of a store are removed, moved or replaced while a process has them open. What was acknowledged is never lost, because nothing
// more is acknowledged.

import { cpSync, existsSync, renameSync, rmSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'
import { startChild } from './processes/child.ts'
import { openEngine, temporaryFolder } from './test-engine.ts'

const all = { after: '', limit: 1000 }
const stored = { committed: true }
const refused = (file: string, what: string) => ({
  code: 'STORE_UNAVAILABLE',
  message: expect.stringContaining(`${file} ${what} while the store of orders is open.`),
})

const startWriter = async () => {
  const folder = path.join(temporaryFolder(), 'data')
  const child = await startChild('writer.ts', folder, 'orders')
  for (const id of ['1', '2', '3']) expect(await child.ask(id)).toMatchObject(stored)
  return { child, folder, file: path.join(folder, 'orders.db') }
}

const idsIn = async (folder: string) => {
  const { events } = await (await openEngine(folder)).broker.read('orders', all)
  return events.map(({ id }) => id)
}

test('P2: a store whose folder was removed acknowledges nothing more, and says which file is gone [trap: vanished-file]', async () => {
  const { child, folder, file } = await startWriter()
  rmSync(folder, { recursive: true })
  for (let id = 4; id < 20; id++) expect(await child.ask(String(id))).toMatchObject(refused(file, 'is no longer there'))
  expect(existsSync(folder)).toBe(false)
})

test('P2: a store whose folder was moved goes on when it is back, and everything acknowledged is in it', async () => {
  const { child, folder, file } = await startWriter()
  renameSync(folder, `${folder}.moved`)
  for (const id of ['4', '5', '6']) expect(await child.ask(id)).toMatchObject(refused(file, 'is no longer there'))
  renameSync(`${folder}.moved`, folder)
  expect(await child.ask('7')).toMatchObject(stored)
  // The first commit after the move was written before anybody could know; nothing was written after it.
  expect(await idsIn(folder)).toEqual(['1', '2', '3', '4', '7'])
})

test('P2: a store whose file was put back from a copy while it is open acknowledges nothing more', async () => {
  const { child, folder, file } = await startWriter()
  cpSync(folder, `${folder}.copy`, { recursive: true })
  rmSync(folder, { recursive: true })
  renameSync(`${folder}.copy`, folder)
  for (const id of ['4', '5']) expect(await child.ask(id)).toMatchObject(refused(file, 'was replaced by another file'))
  expect(await idsIn(folder)).toEqual(['1', '2', '3'])
})

test.each(['.db-wal', '.lock'])('P2: a store whose %s was removed acknowledges nothing more', async (suffix) => {
  const { child, folder } = await startWriter()
  rmSync(path.join(folder, `orders${suffix}`))
  const file = path.join(folder, `orders${suffix}`)
  for (const id of ['4', '5']) expect(await child.ask(id)).toMatchObject(refused(file, 'is no longer there'))
})
