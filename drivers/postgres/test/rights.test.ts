// Rights with real roles: what `tidings engines postgres-sql` prints is run, each service connects as itself, and what goes beyond that is refused by the
// database, not by the driver.

import pg from 'pg'
import type { EventLogRead, Store } from 'tidings/ports'
import { expect, onTestFinished, test } from 'vitest'
import { quoted } from '../src/database/postgres-names.ts'
import { type PostgresDriverOptions, postgresDriver } from '../src/index.ts'
import { idsOf, openEngine, publishIds } from './postgres-engine.ts'
import { dropSchemas, newPrefix, runSql, testUrl } from './postgres-under-test.ts'

const reads: readonly EventLogRead[] = [
  { service: 'shipping', subscriber: 'dispatch', source: 'orders', types: ['orders.placed', 'orders.paid'] },
  { service: 'shipping', subscriber: 'replica.customers', source: 'orders', types: ['orders.customer'] },
]
const services = ['orders', 'shipping']
const dispatch = { service: 'shipping', subscriber: 'dispatch' } as const

interface System {
  readonly schemaPrefix: string
  readonly urlOf: (service: string) => string
  readonly setUp: (reads: readonly EventLogRead[]) => Promise<void>
  readonly openEngine: (options?: Partial<PostgresDriverOptions>) => ReturnType<typeof openEngine>
}

async function system(): Promise<System> {
  const schemaPrefix = newPrefix()
  onTestFinished(async () => {
    await dropSchemas(schemaPrefix)
    for (const role of services.map((service) => quoted(`${schemaPrefix}${service}`)))
      await runSql(
        `DO $$ BEGIN IF to_regrole('${role}') IS NOT NULL THEN DROP OWNED BY ${role}; DROP ROLE ${role}; END IF; END $$`,
      )
  })
  const urlOf = (service: string) => {
    const url = new URL(testUrl())
    return Object.assign(url, { username: `${schemaPrefix}${service}`, password: 'secret' }).href
  }
  const { setup } = postgresDriver({ url: urlOf, schemaPrefix })
  const setUp = async (which: readonly EventLogRead[]) => {
    await runSql(setup?.text(services, which) ?? '')
    for (const service of services) await runSql(`ALTER ROLE ${quoted(`${schemaPrefix}${service}`)} PASSWORD 'secret'`)
  }
  return {
    schemaPrefix,
    urlOf,
    setUp,
    openEngine: (options = {}) => openEngine({ schemaPrefix, url: urlOf, ...options }),
  }
}

async function withOrders({ openEngine }: System): Promise<Store> {
  const orders = await (await openEngine()).openStore('orders')
  await publishIds(orders, ['a'], 'orders.placed')
  await publishIds(orders, ['b'], 'orders.secret')
  await publishIds(orders, ['c'], 'orders.paid')
  await publishIds(orders, ['d'], 'orders.customer')
  return orders
}

/** The error code with which the database refuses a statement of a role. */
async function refusalOf(url: string, statement: string): Promise<string | undefined> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    await client.query(statement)
    return undefined
  } catch (error) {
    return (error as { code?: string }).code
  } finally {
    await client.end()
  }
}

test('a subscriber reads the types that it has declared, with the positions, head and edges of the whole log', async () => {
  const granted = await system()
  await granted.setUp(reads)
  const orders = await withOrders(granted)
  const { broker } = await granted.openEngine()
  const page = await broker.read('orders', { after: '', limit: 10, edges: true }, dispatch)
  expect(idsOf(page)).toEqual(['a', 'c'])
  expect([page.epoch, Number(page.next), Number(page.head), page.edges]).toEqual([
    orders.epoch,
    4,
    4,
    { after: '', next: 'd' },
  ])
  const wanted = await broker.read(
    'orders',
    { after: '', limit: 10, types: ['orders.secret', 'orders.paid'] },
    dispatch,
  )
  expect(idsOf(wanted)).toEqual(['c'])
  const replica = { service: 'shipping', subscriber: 'replica.customers' }
  expect(idsOf(await broker.read('orders', { after: '', limit: 10 }, replica))).toEqual(['d'])
  expect(await broker.earlierEpochs('orders', dispatch)).toEqual([])
  const look = { after: page.next, limit: 10, edges: true, isLook: true }
  expect(await broker.read('orders', look, dispatch)).toEqual({ ...page, events: [], edges: { after: 'd', next: 'd' } })
})

test('the database refuses a service that tries more: tables, functions and schemas of others, and schemas of its own making', async () => {
  const tried = await system()
  await tried.setUp(reads)
  await withOrders(tried)
  await (await tried.openEngine()).openStore('shipping')
  const [orders, shipping] = services.map((service) => quoted(`${tried.schemaPrefix}${service}`))
  const asShipping = tried.urlOf('shipping')
  for (const statement of [
    `SELECT * FROM ${orders}.tidings_events`,
    `SELECT * FROM ${orders}.tidings_store`,
    `SELECT nextval('${orders}.tidings_revision')`,
    `BEGIN; LOCK TABLE ${orders}.tidings_turn IN EXCLUSIVE MODE`,
    `SELECT * FROM ${orders}.tidings_find_out('run', 1, 'epoch')`,
    `DELETE FROM ${orders}.tidings_events`,
    `CREATE TABLE ${orders}.mine ()`,
    `CREATE OR REPLACE FUNCTION ${orders}."tidings_read/shipping/dispatch"() RETURNS int LANGUAGE sql AS 'SELECT 1'`,
    'CREATE SCHEMA mine',
    `SET ROLE ${orders}`,
  ])
    expect([statement, await refusalOf(asShipping, statement)]).toEqual([statement, '42501'])
  const callable = await runSql(`SELECT proname FROM pg_proc WHERE pronamespace = '${orders}'::regnamespace
    AND has_function_privilege('${tried.schemaPrefix}shipping', oid, 'EXECUTE') ORDER BY proname`)
  expect(callable.map(({ proname }) => proname)).toEqual([
    'tidings_read/shipping/dispatch',
    'tidings_read/shipping/replica.customers',
  ])
  expect(await refusalOf(tried.urlOf('orders'), `SELECT * FROM ${shipping}.tidings_events`)).toBe('42501')
  expect(await refusalOf(asShipping, `SELECT * FROM ${shipping}.tidings_events`)).toBeUndefined()
})

test('the search path of the caller changes nothing in a granted function', async () => {
  const tried = await system()
  await tried.setUp(reads)
  await withOrders(tried)
  const [orders, shipping] = services.map((service) => quoted(`${tried.schemaPrefix}${service}`))
  await (await tried.openEngine()).openStore('shipping')
  const client = new pg.Client({ connectionString: tried.urlOf('shipping') })
  await client.connect()
  await client.query(`CREATE FUNCTION ${shipping}.max(bigint) RETURNS bigint LANGUAGE sql AS 'SELECT 1 / 0::bigint';
    CREATE FUNCTION ${shipping}.least(bigint, bigint) RETURNS bigint LANGUAGE sql AS 'SELECT 1 / 0::bigint';
    CREATE OPERATOR ${shipping}.= (FUNCTION = texteq, LEFTARG = text, RIGHTARG = text); SET search_path = ${shipping}, pg_catalog`)
  const { rows } = await client.query(
    `SELECT id FROM ${orders}."tidings_read/shipping/dispatch"(0, 10, NULL, NULL, NULL)`,
  )
  await client.end()
  expect(rows).toEqual([{ id: 'a' }, { id: 'c' }])
  const settings = await runSql(
    `SELECT proconfig, prosecdef FROM pg_proc WHERE pronamespace = '${orders}'::regnamespace AND prosecdef`,
  )
  expect(settings).toEqual([
    { proconfig: ['search_path=pg_catalog, pg_temp'], prosecdef: true },
    { proconfig: ['search_path=pg_catalog, pg_temp'], prosecdef: true },
  ])
})

test('a subscription that was not granted is told which grant is missing, and what prints it', async () => {
  const tried = await system()
  await tried.setUp(reads)
  await withOrders(tried)
  const { broker } = await tried.openEngine()
  await expect(
    broker.read('orders', { after: '', limit: 10 }, { service: 'shipping', subscriber: 'mail' }),
  ).rejects.toMatchObject({
    code: 'BROKER_UNAVAILABLE',
    message: expect.stringMatching(
      /role of shipping may not read the event log of orders for mail: EXECUTE on function .*tidings_read\/shipping\/mail/,
    ),
    hint: expect.stringContaining('npx tidings engines postgres-sql'),
  })
})

test('a subscription that is no longer declared can read nothing after the next run of the setup', async () => {
  const tried = await system()
  await tried.setUp(reads)
  await withOrders(tried)
  await tried.setUp([])
  const { broker } = await tried.openEngine()
  await expect(broker.read('orders', { after: '', limit: 10 }, dispatch)).rejects.toMatchObject({
    code: 'BROKER_UNAVAILABLE',
  })
  await tried.setUp(reads)
  expect(idsOf(await broker.read('orders', { after: '', limit: 10 }, dispatch))).toEqual(['a', 'c'])
})

test('a source whose service has never started is an empty page, and the setup may be run before any service has started', async () => {
  const tried = await system()
  await tried.setUp(reads)
  const { broker } = await tried.openEngine()
  const page = await broker.read('orders', { after: '', limit: 10 }, dispatch)
  expect(page).toEqual({ epoch: undefined, events: [], next: '', head: '' })
  expect(await broker.earlierEpochs('orders', dispatch)).toEqual([])
})
