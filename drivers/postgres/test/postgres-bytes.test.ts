// What Postgres would change without a word, or refuse: lone surrogates, NUL, long values in an index, numbers at their limits.

import { createHash } from 'node:crypto'
import { expect, test } from 'vitest'
import { openEngine, temporaryPrefix } from './postgres-engine.ts'
import { runSql } from './postgres-under-test.ts'
import { event, publish, put, unit } from './postgres-units.ts'

async function openStore(indexes: readonly string[] = []) {
  const schemaPrefix = temporaryPrefix()
  const engine = await openEngine({ schemaPrefix })
  const store = await engine.openStore('orders')
  await store.ensureTable({ name: 'orders', indexes })
  return { store, schemaPrefix }
}

test('P11: a lone surrogate and a NUL are refused and not changed, and the other units of the group are committed [trap: payload-changed]', async () => {
  const { store } = await openStore()
  const outcomes = await Promise.allSettled([
    store.commit(put('orders', 'good', { n: 1 })),
    store.commit(put('orders', 'lone\ud800', { n: 2 })),
    store.commit(publish(event('nul', { data: '"\u0000"' }))),
    store.commit(publish(event('good'))),
  ])
  expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'rejected', 'fulfilled'])
  for (const outcome of outcomes)
    if (outcome.status === 'rejected') expect(outcome.reason.code).toBe('PAYLOAD_NOT_JSON')
  expect(await store.count('orders')).toBe(1)
  expect((await store.readEventLog({ after: '', limit: 9 })).events.map(({ id }) => id)).toEqual(['good'])
})

test('values that are too long for an entry of an index are found, in order, and told apart at their last character', async () => {
  const { store } = await openStore(['text'])
  // Postgres compresses what repeats itself, so this does not.
  const part = (index: number) => createHash('sha512').update(String(index)).digest('base64')
  const beginning = Array.from({ length: 200 }, (_, index) => part(index)).join('')
  const values = ['!', beginning, `${beginning}a`, `${beginning}b`, '~']
  for (const [index, text] of values.entries())
    await store.commit(put('orders', `k${values.length - index}`, { text }, [text]))
  const along = await store.find({ table: 'orders', index: { column: 'text' }, limit: 10 })
  expect(along.map(({ key }) => key)).toEqual(['k5', 'k4', 'k3', 'k2', 'k1'])
  const equal = await store.find({ table: 'orders', index: { column: 'text', equals: `${beginning}a` }, limit: 10 })
  expect(equal.map(({ key }) => key)).toEqual(['k3'])
})

test('a revision, a position and a version beyond 32 bits come back as they are', async () => {
  const { store, schemaPrefix } = await openStore()
  const schema = `"${schemaPrefix}orders"`
  await store.commit(publish(event('a')))
  const beyond = 2 ** 40
  await runSql(
    `SELECT setval('${schema}.tidings_revision', ${beyond}); UPDATE ${schema}.tidings_events SET position = ${beyond}`,
  )
  const result = await store.commit(
    unit({ ...put('orders', 'a', {}), events: [event('b', { entityVersion: beyond })] }),
  )
  expect(result).toMatchObject({ eventLogHead: String(beyond + 1).padStart(16, '0') })
  const [, last] = (await store.readEventLog({ after: String(beyond - 1), limit: 9 })).events
  expect(last).toMatchObject({ id: 'b', entityVersion: beyond })
  const row = await store.get('orders', 'a')
  expect(row?.revision).toBeGreaterThan(beyond * 1_024)
  const checks = [{ table: 'orders', key: 'a', revision: row?.revision ?? 0 }]
  expect(await store.commit(unit({ checks }))).toMatchObject({ committed: true })
})
