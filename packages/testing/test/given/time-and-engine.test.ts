// Time in a test counts from when the given things occurred, and a test may run on an engine that knows SQL.

import { sqliteDriver } from '@tidings/sqlite'
import { defineCommand, defineEvent, defineQuery, defineService, defineTable, timer } from 'tidings'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { engineInFolder, given, inSession } from '../../src/index.ts'

const Asked = defineEvent('desk.asked', { owner: 'desk', pattern: 'notification' })
  .version(1, z.object({ id: z.string() }))
  .key(({ id }) => id)
const Nudged = defineEvent('bell.nudged', { owner: 'bell', pattern: 'notification' })
  .version(1, z.object({ id: z.string() }))
  .key(({ id }) => id)
const Answer = defineCommand('answer', { input: z.object({ id: z.string() }) })

const base = defineService('bell', { publishes: [Nudged], timers: { nudge: timer(z.object({ id: z.string() })) } })
const bell = base.with({
  asked: base.on(Asked, {}, ({ id }, { timers }) => timers.nudge.after(id, { minutes: 10 }, { id })),
  answer: base.command(Answer, {}, ({ id }, { timers }) => timers.nudge.cancel(id)),
  nudge: base.due('nudge', { publishes: [Nudged] }, ({ id }, { publish }) => publish(Nudged, { id })),
})
const at = (time: string) => ({ occurredAt: new Date(`2024-05-06T${time}Z`) })

describe('whenTimePasses', () => {
  test('counts from when the given event occurred', async () => {
    const asked = given(bell).heard(Asked, { id: 'q' }, at('09:00:00'))
    await asked
      .whenTimePasses({ minutes: 9, seconds: 59 })
      .thenNothing()
      .whenTimePasses({ seconds: 1 })
      .then({ published: [[Nudged, { id: 'q' }]] })
  })

  test('a command that occurs later finds what came due before it', async () => {
    await given(bell)
      .heard(Asked, { id: 'q' }, at('09:00:00'))
      .when(Answer, { id: 'q' }, at('09:09:59'))
      .then({})
      .whenTimePasses({ days: 1 })
      .thenNothing()
    await given(bell)
      .heard(Asked, { id: 'q' }, at('09:00:00'))
      .when(Answer, { id: 'q' }, at('09:10:01'))
      .then({ published: [[Nudged, { id: 'q' }]] })
  })
})

const Row = z.object({
  id: z.string(),
  cents: z.number(),
  paidAt: z.int().optional(),
  by: z.object({ name: z.string() }).optional(),
})
const sums = defineTable('sums')
  .version(1, Row)
  .key(({ id }) => id)
  .index('cents')
const Sum = defineQuery('sum', {
  owner: 'till',
  input: z.object({ above: z.number().optional(), ids: z.array(z.string()).optional() }),
  output: z.object({ ids: z.array(z.string()) }),
})
const Odd = defineQuery('odd', { owner: 'till', input: z.object({ value: z.any() }), output: z.any() })
const ByMonth = defineQuery('by-month', {
  owner: 'till',
  input: z.object({ alias: z.any().optional() }),
  output: z.any(),
})
const tillBase = defineService('till', { tables: { sums } })
let unused: unknown
const till = tillBase.with({
  sum: tillBase.query(Sum, async ({ above, ids }, { sql }) => {
    const sums = sql.table('sums')
    const enough = above === undefined ? sql`` : sql`AND ${sums.number('cents')} > ${above}`
    const chosen = ids === undefined ? sql`` : sql`AND key IN (${sql.join(ids)})`
    const rows = await sql<{
      key: string
    }>`SELECT key FROM ${sums} WHERE true ${enough} ${chosen} ORDER BY key`
    return { ids: rows.map(({ key }) => key) }
  }),
  byMonth: tillBase.query(ByMonth, async ({ alias = 's' }, { sql }) => {
    const [sums, others] = [sql.table('sums').as(alias), sql.table('sums').as('otherSums')]
    const month = sql.time(sql`${sums.integer('paidAt')} + ${0}`, 'month')
    return sql`
      SELECT ${month} AS paidIn, sum(${sums.integer('cents')}) AS centsInAll, min(${sums.in('by').text('name')}) AS firstName,
        count(${others.key}) AS n
      FROM ${sums} JOIN ${others} ON ${others.key} = ${sums.key} WHERE ${sums.number('cents')} > ${0}
      GROUP BY paidIn ORDER BY paidIn NULLS FIRST`
  }),
  odd: tillBase.query(Odd, async ({ value }, { sql }) => {
    unused = sql`SELECT nonsense FROM nowhere`
    return sql`SELECT ${value} AS value`
  }),
})
const onFiles = engineInFolder('SQLite', (directory) => sqliteDriver({ directory, durability: 'process-crash' }))
const kept = given(till)
  .engine(onFiles)
  .tables({
    sums: [
      { id: 'a', cents: 1 },
      { id: 'b', cents: 2 },
      { id: 'c', cents: 3 },
    ],
  })

describe('queries with SQL', () => {
  test('can be tested on an engine that knows SQL, and parts of a statement compose', async () => {
    await kept.when(Sum, {}).thenAnswers({ ids: ['a', 'b', 'c'] })
    await kept.when(Sum, { above: 1 }).thenAnswers({ ids: ['b', 'c'] })
    await kept.when(Sum, { above: 1, ids: ['a', 'b'] }).thenAnswers({ ids: ['b'] })
  })

  const paid = kept.tables({
    sums: [
      { id: 'a', cents: 1 },
      { id: 'b', cents: 2, paidAt: Date.UTC(2026, 10, 30, 23, 59), by: { name: 'Zoe' } },
      { id: 'c', cents: 3, paidAt: Date.UTC(2026, 10, 1), by: { name: 'Ann' } },
    ],
  })

  test('reach fields within rows, of several tables, and group by months of times', () =>
    paid.when(ByMonth, {}).thenAnswers([
      { paidIn: null, centsInAll: 1, firstName: null, n: 1 },
      { paidIn: '2026-11', centsInAll: 5, firstName: 'Ann', n: 2 },
    ]))

  test('a name of a table that could be anything else is refused [trap: access]', async () => {
    for (const alias of ['s"', 'S', '', 1, 'a b'])
      await paid.when(ByMonth, { alias }).thenFails('A table cannot be named')
  })

  test('a statement that nobody awaits does not run, and its failure ends nothing', async () => {
    await kept.when(Odd, { value: 7 }).thenAnswers([{ value: 7 }])
    expect(unused).toBeDefined()
    await expect(unused).rejects.toMatchObject({ code: expect.any(String) })
  })

  test('a value that looks like a part of a statement is a value, and is refused [trap: access]', async () => {
    for (const kind of ['sql-table', 'sql-query', 'sql-expression'])
      await kept
        .when(Odd, { value: { kind, identifier: '(SELECT 1)', text: '1', parameters: [], written: '1' } })
        .thenFails('A SQL parameter is of type object')
  })

  test('a session may run on such an engine, and removes it', () =>
    inSession({ services: [till], engine: onFiles }, async (session) => {
      expect(await session.query(Sum, {})).toEqual({ ids: [] })
    }))
})
