// A connection that ends while a group of commits is under way: before and after the commit, with a statement that still runs, with a server that
// restarts. Whatever happens, each unit is committed once.

import type { CommitResult, Store } from 'tidings/ports'
import { expect, test, vi } from 'vitest'
import { localPostgres } from '../src/local.ts'
import { openEngine, temporaryPrefix } from './postgres-engine.ts'
import { runSql, testUrl } from './postgres-under-test.ts'
import { event, publish, put } from './postgres-units.ts'
import { type Line, openWire } from './postgres-wire.ts'

const ids = ['a', 'b', 'c']

/** A store behind a wire. Statements have their texts each time, so that a rule can tell them apart. */
async function openBehindWire() {
  const schemaPrefix = temporaryPrefix()
  const wire = await openWire(testUrl())
  const engine = await openEngine({ url: wire.url, schemaPrefix, preparedStatements: false, transactionPooling: true })
  const store = await engine.openStore('orders')
  await store.commit(publish(event('first')))
  return { schemaPrefix, wire, store }
}

const isCommit = (text: string) => text.includes('tidings_commit')

const publishAll = (store: Store) => Promise.all(ids.map((id) => store.commit(publish(event(id)))))

const waitFor = <T>(look: () => T | Promise<T>) => vi.waitFor(look, { timeout: 20_000, interval: 5 })

async function storedIds(store: Store): Promise<readonly string[]> {
  return (await store.readEventLog({ after: '', limit: 1_000 })).events.map(({ id }) => id)
}

function expectOnce(results: readonly CommitResult[], stored: readonly string[]): void {
  expect(stored).toEqual(['first', ...ids])
  const heads = results.map((result) => result.committed && Number(result.eventLogHead))
  expect(heads).toEqual([2, 3, 4])
}

test('a commit whose answer was lost after it was committed is found out and not repeated [trap: ambiguous-commit]', async () => {
  const { schemaPrefix, wire, store } = await openBehindWire()
  let line: Line | undefined
  wire.setRule((text, each) => {
    if (!isCommit(text) || line !== undefined) return 'pass'
    line = each
    each.holdAnswers()
    return 'pass'
  })
  const committing = publishAll(store)
  await waitFor(async () => {
    const [row] = await runSql(`SELECT count(*)::int AS n FROM "${schemaPrefix}orders".tidings_events`)
    expect(row?.n).toBe(4)
  })
  line?.cutClient()
  expectOnce(await committing, await storedIds(store))
})

test('a commit that had not begun when its connection was cut is committed once [trap: ambiguous-commit]', async () => {
  const { schemaPrefix, store } = await openBehindWire()
  const other = await openEngine({ schemaPrefix })
  const turn = await holdTurn(schemaPrefix)
  const committing = publishAll(store)
  const backend = await waitingBackend(schemaPrefix)
  await runSql(`SELECT pg_terminate_backend(${backend})`)
  await turn.end()
  expectOnce(await committing, await storedIds(await other.openStore('orders')))
})

test('a statement that reaches the server after its run was taken over commits nothing [trap: zombie]', async () => {
  const { wire, store } = await openBehindWire()
  let zombie: Line | undefined
  wire.setRule((text, line) => {
    if (!isCommit(text) || zombie !== undefined) return 'pass'
    zombie = line
    return 'hold'
  })
  const committing = publishAll(store)
  const line = await waitFor(() => zombie ?? expect.fail('the commit was sent'))
  line.cutClient()
  const results = await committing
  const before = line.answeredBytes
  line.release()
  await waitFor(() => expect(line.answeredBytes).toBeGreaterThan(before))
  expectOnce(results, await storedIds(store))
})

test('a commit that waits for its turn sees what was committed meanwhile', async () => {
  const schemaPrefix = temporaryPrefix()
  const engine = await openEngine({ schemaPrefix })
  const store = await engine.openStore('orders')
  await store.ensureTable({ name: 'orders', indexes: [] })
  await store.commit(publish(event('first')))
  const turn = await holdTurn(schemaPrefix)
  const committing = store.commit({
    ...put('orders', 'b', {}),
    checks: [{ table: 'orders', key: 'a', revision: 0 }],
    events: [event('lost')],
  })
  await waitingBackend(schemaPrefix)
  await turn.query(`INSERT INTO ${store.tableIdentifier('orders')} VALUES ('a', 7, 1, '{}'); COMMIT`)
  await turn.end()
  expect(await committing).toEqual({ committed: false, conflicts: [{ kind: 'row', table: 'orders', key: 'a' }] })
})

test('a client that is frozen in the middle of a commit keeps nobody else from committing [trap: zombie]', async () => {
  const { schemaPrefix, wire, store } = await openBehindWire()
  const other = await openEngine({ schemaPrefix })
  const second = await other.openStore('orders')
  let frozen: Line | undefined
  wire.setRule((text, line) => {
    if (!isCommit(text) || frozen !== undefined) return 'pass'
    frozen = line
    line.holdAnswers()
    return 'pass'
  })
  const committing = publishAll(store)
  await waitFor(() => frozen ?? expect.fail('the commit was sent'))
  const result = await second.commit(publish(event('other')))
  expect(result.committed).toBe(true)
  frozen?.cutClient()
  await committing
  expect(new Set(await storedIds(second))).toEqual(new Set(['first', ...ids, 'other']))
})

test('if the database stays away, a commit rejects with STORE_UNAVAILABLE, and later ones go on when it is back', async () => {
  const schemaPrefix = temporaryPrefix()
  const wire = await openWire(testUrl())
  const engine = await openEngine({
    url: wire.url,
    schemaPrefix,
    preparedStatements: false,
    transactionPooling: true,
    lostAnswerMs: 50,
  })
  const store = await engine.openStore('orders')
  wire.setRule((_, line) => {
    line.cutClient()
    return 'hold'
  })
  await expect(store.commit(publish(event('lost')))).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' })
  wire.setRule(() => 'pass')
  await waitFor(() => store.commit(publish(event('later'))))
  expect(await storedIds(store)).toEqual(['later'])
})

test('a server that is restarted in the middle loses and doubles no commit', async () => {
  const server = await localPostgres()
  try {
    const engine = await openEngine({ url: server.url, schemaPrefix: 'restart_' })
    const store = await engine.openStore('orders')
    const done: string[] = []
    const failed: string[] = []
    const writer = async (name: string) => {
      for (let number = 0; number < 60; number++) {
        const id = `${name}-${number}`
        await store.commit(publish(event(id))).then(
          () => done.push(id),
          () => failed.push(id),
        )
        if (failed.includes(id)) await waitFor(() => store.now())
      }
    }
    const writing = Promise.all(['a', 'b', 'c', 'd'].map(writer))
    await waitFor(() => expect(done.length).toBeGreaterThan(40))
    await server.restart()
    await writing
    const stored = await storedIds(store)
    expect(new Set(stored).size).toBe(stored.length)
    for (const id of done) expect(stored).toContain(id)
    expect(done.length).toBeGreaterThan(200)
    await engine.close()
  } finally {
    await server.close()
  }
}, 60_000)

/** Takes the turn of a store, as a writer in the middle of a commit has it. */
async function holdTurn(schemaPrefix: string) {
  const pg = (await import('pg')).default
  const client = new pg.Client({ connectionString: testUrl() })
  await client.connect()
  await client.query(`BEGIN; LOCK TABLE "${schemaPrefix}orders".tidings_turn IN EXCLUSIVE MODE`)
  return client
}

/** The process of the server that waits for the turn. */
async function waitingBackend(schemaPrefix: string): Promise<number> {
  return waitFor(async () => {
    const [row] = await runSql(
      `SELECT pid FROM pg_locks WHERE NOT granted AND relation = '"${schemaPrefix}orders".tidings_turn'::regclass`,
    )
    return (row?.pid as number | undefined) ?? expect.fail('a commit waits for its turn')
  })
}
