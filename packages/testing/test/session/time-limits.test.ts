// A command and a query have a time limit that is kept: at the limit the caller gets its code, and nothing of the command is committed.

import { defineCommand, defineQuery, defineService, defineTable } from 'tidings'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { inSession } from '../../src/index.ts'

const rows = defineTable('rows')
  .version(1, z.object({ id: z.string() }))
  .key(({ id }) => id)
const Dawdle = defineCommand('dawdle', { input: z.object({ id: z.string() }) })
const Ponder = defineQuery('ponder', { owner: 'slow', input: z.object({}), output: z.string() })

function slowService(pause: () => Promise<unknown>) {
  const late: unknown[] = []
  const definition = defineService('slow', { tables: { rows }, limits: { handlerTimeoutMs: 800 } })
  const slow = definition.with({
    dawdle: definition.command(Dawdle, {}, async ({ id }, { tables }) => {
      tables.rows.put({ id })
      await pause()
      try {
        tables.rows.put({ id: 'late' })
      } catch (error) {
        late.push(error)
      }
    }),
    ponder: definition.query(Ponder, async () => {
      await pause()
      return 'at last'
    }),
  })
  return { slow, late }
}

const timed = async (ms: number, work: (name: 'command' | 'query') => 'command' | 'query') => {
  const open: (() => void)[] = []
  const { slow, late } = slowService(() => new Promise<void>((resolve) => open.push(resolve)))
  let outcome: unknown
  await inSession({ services: [slow] }, async (session) => {
    const runtime = session.runtime(slow)
    const asked = work('command') === 'command' ? runtime.command('dawdle', { id: 'a' }) : runtime.query('ponder', {})
    const seen = asked.then(
      (answer) => answer,
      (error: unknown) => error,
    )
    await session.advance({ milliseconds: ms })
    for (const go of open) go()
    outcome = await session.drive(seen)
    await session.settled()
    expect(await session.drive(Promise.resolve(runtime.store.find({ table: 'rows', limit: 9 })))).toHaveLength(
      ms < 800 && work('command') === 'command' ? 2 : 0,
    )
  })
  return { outcome, late }
}

test('a command that ends within handlerTimeoutMs is accepted', async () => {
  expect((await timed(799, () => 'command')).outcome).toMatchObject({ accepted: true })
})

test('a command that runs longer than handlerTimeoutMs is ended with COMMAND_TIMEOUT, and nothing of it is committed', async () => {
  const { outcome, late } = await timed(801, () => 'command')
  expect(outcome).toMatchObject({
    code: 'COMMAND_TIMEOUT',
    retry: 'backoff',
    message: 'Command dawdle of slow did not finish within 800 ms.',
  })
  expect(late).toMatchObject([{ code: 'UNIT_CLOSED' }])
})

test('a query that runs longer than handlerTimeoutMs is ended with QUERY_TIMEOUT', async () => {
  expect((await timed(799, () => 'query')).outcome).toBe('at last')
  expect((await timed(801, () => 'query')).outcome).toMatchObject({ code: 'QUERY_TIMEOUT' })
})
