// A digit that changes on the disk changes no structure of the file, so SQLite does not notice. The checksum does.

import { cpSync, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { expect, test } from 'vitest'
import { sqliteDriver } from '../src/index.ts'
import { append, event, put, unit } from './processes/units.ts'
import { openEngine, temporaryFolder } from './test-engine.ts'

const refused = (what: string) => ({
  code: 'CORRUPT_DATA',
  message: `${what} is damaged: its data do not match its checksum.`,
})

const paid = (...amounts: readonly number[]) => {
  const { facts, ...stream } = append('o-1', 0, amounts.length)
  return { ...stream, facts: facts.map((fact, index) => ({ ...fact, data: `{"paid":${amounts[index]}}` })) }
}

/** Writes two events and two facts, closes the store, and changes a text in its file, byte for byte. */
async function damaged(from: string, to: string): Promise<string> {
  const folder = temporaryFolder()
  const engine = await openEngine(folder)
  const store = await engine.openStore('orders')
  await store.ensureTable({ name: 'notes', indexes: [] })
  await store.commit(put('notes', 'n-1', { text: 'unchecked' }))
  const events = [
    event('a', { data: '{"total":111}' }),
    event('b', { data: '{"total":222}', downcasts: '{"1":{"cents":333}}' }),
  ]
  await store.commit(unit({ events, appends: [paid(444, 555)] }))
  await engine.close()
  const file = path.join(folder, 'orders.db')
  const bytes = readFileSync(file, 'latin1')
  expect(bytes.split(from)).toHaveLength(2)
  writeFileSync(file, bytes.replace(from, to), 'latin1')
  return folder
}

test.each([
  ['an event', '"total":222', '"total":223', 2],
  ['what an event says in an older version', '"cents":333', '"cents":303', 2],
  ['the first event', '"total":111', '"total":110', 1],
])(
  'P9: a digit of %s that was changed on the disk is noticed when it is read by position',
  async (_, from, to, number) => {
    const folder = await damaged(from, to)
    const engine = await openEngine(folder)
    const position = String(number).padStart(16, '0')
    const error = refused(`The event at position ${position} of orders`)
    const read = async () => engine.broker.read('orders', { after: '', limit: 10 })
    await expect(read()).rejects.toMatchObject(error)
    const store = await engine.openStore('orders')
    await expect(read()).rejects.toMatchObject(error)
    expect(() => store.readEventLog({ after: '', limit: 10 })).toThrow(expect.objectContaining(error))
    // Whoever looks for the event finds it, so that it can be looked at.
    expect((await store.searchEventLog({ limit: 10 })).map(({ id }) => id)).toEqual(['b', 'a'])
  },
)

test('P9: a digit of a fact that was changed on the disk is noticed when its stream is read', async () => {
  const folder = await damaged('"paid":555', '"paid":955')
  const store = await (await openEngine(folder)).openStore('orders')
  const error = expect.objectContaining(refused('Fact 2 of stream order/o-1'))
  expect(store.readStream('order', 'o-1', 0, 1)).toHaveLength(1)
  expect(() => store.readStream('order', 'o-1', 0, 10)).toThrow(error)
  expect(() => store.readFacts({ after: '', limit: 10 })).toThrow(error)
})

test('what was stored without a checksum is read unchecked', async () => {
  const folder = await damaged('"total":222', '"total":223')
  const database = new DatabaseSync(path.join(folder, 'orders.db'))
  database.exec('UPDATE tidings_log SET checksum = NULL')
  database.close()
  const { events } = await (await openEngine(folder)).broker.read('orders', { after: '', limit: 10 })
  expect(events.map(({ data }) => data)).toEqual(['{"total":111}', '{"total":223}'])
})

const backupsOf = (directory: string) => sqliteDriver({ directory }).backups

test('a check names everything that is damaged, with its position, and goes on', async () => {
  const folder = await damaged('"total":222', '"total":223')
  const file = path.join(folder, 'orders.db')
  writeFileSync(file, readFileSync(file, 'latin1').replace('"paid":444', '"paid":440'), 'latin1')
  const progress: number[] = []
  const report = await backupsOf(folder)?.check({
    service: 'orders',
    onProgress: ({ done, total }) => progress.push(done / total),
  })
  expect(report).toEqual({
    file,
    eventCount: 2,
    factCount: 2,
    uncheckedCount: 0,
    damages: [
      'The event at position 0000000000000002 does not match its checksum.',
      'Fact 1 of stream order/o-1 does not match its checksum.',
    ],
  })
  expect(progress).toEqual([0.5, 1])
})

test('a damaged store is not backed up, and a damaged backup is not restored', async () => {
  const folder = await damaged('"total":222', '"total":223')
  const refusal = { code: 'CORRUPT_DATA', message: expect.stringContaining('position 0000000000000002') }
  const toFile = path.join(folder, 'orders.backup')
  await expect(backupsOf(folder)?.backUp({ service: 'orders', toFile })).rejects.toMatchObject(refusal)
  expect(readdirSync(folder).filter((name) => name.includes('backup'))).toEqual([])

  const [target, fromFile] = [temporaryFolder(), path.join(folder, 'orders.db')]
  const ids = { next: () => 'new-epoch' }
  await expect(backupsOf(target)?.restore({ service: 'orders', fromFile, ids })).rejects.toMatchObject(refusal)
  expect(existsSync(path.join(target, 'orders.db'))).toBe(false)
})

test('a damaged page is found by a check, and keeps a store from being backed up', async () => {
  const folder = temporaryFolder()
  const engine = await openEngine(folder)
  const store = await engine.openStore('orders')
  await store.ensureTable({ name: 'notes', indexes: [] })
  for (let number = 0; number < 50; number++) await store.commit(put('notes', `n-${number}`, { text: 'x'.repeat(500) }))
  await engine.close()
  const file = path.join(folder, 'orders.db')
  const bytes = readFileSync(file)
  // The header of a page in the middle of the rows.
  bytes.fill(
    0xff,
    bytes.indexOf('xxxx') - (bytes.indexOf('xxxx') % 4096),
    bytes.indexOf('xxxx') - (bytes.indexOf('xxxx') % 4096) + 16,
  )
  writeFileSync(file, bytes)
  const copy = temporaryFolder()
  cpSync(file, path.join(copy, 'orders.db'))
  const report = await backupsOf(copy)?.check({ service: 'orders' })
  expect(report?.damages[0]).toMatch(/^SQLite (found|could not read)/)
  const toFile = path.join(copy, 'orders.backup')
  await expect(backupsOf(copy)?.backUp({ service: 'orders', toFile })).rejects.toMatchObject({ code: 'CORRUPT_DATA' })
  expect(existsSync(toFile)).toBe(false)
})
