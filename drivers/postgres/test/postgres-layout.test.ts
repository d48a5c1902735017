// The layout of a store: created once, however many instances start at the same moment, and never touched if a newer build has written it.

import { expect, test } from 'vitest'
import { quoted } from '../src/database/postgres-names.ts'
import { openEngine, publishIds, temporaryPrefix } from './postgres-engine.ts'
import { runSql } from './postgres-under-test.ts'

test('eight instances that start on an empty database at once share one store', async () => {
  const schemaPrefix = temporaryPrefix()
  const engines = await Promise.all(Array.from({ length: 8 }, () => openEngine({ schemaPrefix })))
  const stores = await Promise.all(engines.map((engine) => engine.openStore('alpha')))
  expect(new Set(stores.map(({ epoch }) => epoch)).size).toBe(1)
  await Promise.all(stores.map((store, number) => publishIds(store, [`id-${number}`])))
  const { events } = await stores[0]!.readEventLog({ after: '', limit: 100 })
  expect(new Set(events.map(({ id }) => id)).size).toBe(8)
})

test('a store that a newer build has written is refused with a sentence, and stays as it is', async () => {
  const schemaPrefix = temporaryPrefix()
  const engine = await openEngine({ schemaPrefix })
  await (await engine.openStore('alpha')).close()
  const store = `${quoted(`${schemaPrefix}alpha`)}.tidings_store`
  await runSql(`UPDATE ${store} SET layout = layout + 1`)
  const before = await runSql(`SELECT * FROM ${store}`)
  await expect((await openEngine({ schemaPrefix })).openStore('alpha')).rejects.toMatchObject({
    code: 'ENGINE_TOO_OLD',
    message: expect.stringMatching(
      /^The store of alpha has layout \d+; this version of @tidings\/postgres knows layouts up to \d+\.$/,
    ),
  })
  expect(await runSql(`SELECT * FROM ${store}`)).toEqual(before)
})
