// What lies in the folder of layout 1, by the names it has at rest: something of everything that is kept. Only SQLite reads it here; that
// the code of today finds it is said by `opens-earlier-folders.test.ts`.

import { readdirSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'
import { copyOf } from './open-copy.ts'
import { keysOf, rowsOf, tableOf } from './read-folder.ts'

const layout = 'layout-1'

/** The rows of a table, each with some members of its document. */
const shown = (directory: string, service: string, table: string, ...members: string[]) =>
  tableOf(directory, service, table).map(({ key, doc }) => [key, ...members.map((member) => doc[member])])

test('the folder of layout 1 is one file for each service, and each has the same system tables', () => {
  expect(readdirSync(path.join(import.meta.dirname, layout)).sort()).toEqual(['desk.db', 'library.db', 'press.db'])
  const directory = copyOf(layout)
  for (const service of ['desk', 'library', 'press']) {
    const tables = rowsOf(directory, service, `SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name`)
    expect(tables.map(({ name }) => name).filter((name) => String(name).startsWith('tidings'))).toEqual([
      'tidings.agenda',
      'tidings.commands',
      'tidings.deliveries',
      'tidings.entity-versions',
      'tidings.first-runs',
      'tidings.held',
      'tidings.process-steps',
      'tidings.processes',
      'tidings.progress',
      'tidings.queue-heads',
      'tidings.queues',
      'tidings.read-models',
      'tidings.run',
      'tidings.snapshots',
      'tidings.suspects',
      'tidings_epochs',
      'tidings_facts',
      'tidings_log',
      'tidings_log_terms',
      'tidings_meta',
      'tidings_streams',
      'tidings_tables',
    ])
    expect(rowsOf(directory, service, 'PRAGMA user_version')).toEqual([{ user_version: 1 }])
  }
})

test('the folder of layout 1 holds a publisher: log, facts, snapshots, answers of commands, epochs', () => {
  const directory = copyOf(layout)
  const of = (sql: string) => rowsOf(directory, 'library', sql)
  expect(of('SELECT position, type, entity_version FROM tidings_log WHERE position IN (5, 6, 14)')).toEqual([
    { position: 5, type: 'at-rest.book-changed', entity_version: 3 },
    { position: 6, type: 'at-rest.book-changed', entity_version: 2 },
    { position: 14, type: 'at-rest.loan-asked', entity_version: null },
  ])
  // A tombstone, and everything in the first version.
  expect(of('SELECT data FROM tidings_log WHERE position = 6')).toEqual([{ data: null }])
  expect(of('SELECT DISTINCT version FROM tidings_log')).toEqual([{ version: 1 }])
  expect(of('SELECT type, version, data FROM tidings_facts WHERE position IN (1, 4)')).toEqual([
    { type: 'added', version: 1, data: '{"title":"One"}' },
    { type: 'renamed', version: 1, data: '{"title":"Uno"}' },
  ])
  expect(of('SELECT epoch, up_to FROM tidings_epochs ORDER BY number')).toEqual([
    { epoch: 'id-000000000001', up_to: 18 },
    { epoch: 'id-000000000039', up_to: 25 },
  ])
  expect(tableOf(directory, 'library', 'tidings.snapshots')).toEqual([
    {
      key: 'book/b-1',
      schemaVersion: 1,
      doc: { shape: 1, streamVersion: 3, state: { title: 'Eins', shelf: 'unsorted', edition: 1 } },
    },
  ])
  expect(shown(directory, 'library', 'tidings.commands', 'command', 'input', 'output')).toEqual([
    ['key-1', 'ask-loan', 'fde4f77eea0eb076-46', { asked: 'l-1' }],
    ['key-2', 'rename-book', '0cf6a0599832736b-31', undefined],
  ])
  expect(tableOf(directory, 'library', 'tidings.entity-versions').map(({ key, doc }) => [key, doc])).toEqual([
    ['at-rest.book-changed/b-1', 3],
    ['at-rest.book-changed/b-2', 1],
    ['at-rest.book-changed/b-3', 2],
  ])
  expect(shown(directory, 'library', 'tidings.read-models', 'generation', 'shape')).toEqual([
    ['projection.by-shelf', 1, 'shelves:1:'],
    ['projection.by-title', 1, 'titles:1:'],
  ])
})

test('the folder of layout 1 holds a consumer: checkpoints, deferred events, delivery records, read models', () => {
  const directory = copyOf(layout)
  const position = (number: number) => String(number).padStart(16, '0')
  expect(shown(directory, 'desk', 'tidings.progress', 'position', 'handlers')).toEqual([
    ['audit/library', position(23), { audit: '' }],
    ['effect.send-notice/~effects', position(4), {}],
    ['loan/library', position(23), { 'loan.at-rest.loan-opened': '', 'loan.at-rest.loan-closed': '' }],
    ['loan/~timers', '', {}],
    ['main.catch-up.thank/library', position(18), {}],
    ['main/library', position(23), { lend: '', thank: position(18), watch: position(18) }],
    ['main/~timers', position(1), {}],
    ['projection.by-reader/library', position(23), {}],
    ['rebuild.projection.by-reader/library', position(17), {}],
    ['replica.books/library', position(23), {}],
  ])
  expect(shown(directory, 'desk', 'tidings.held', 'key', 'state', 'attempts', 'waits')).toEqual([
    [`effect.send-notice/~effects/${position(1)}`, 'n-refused', 'parked', 1, 0],
    [`effect.send-notice/~effects/${position(2)}`, 'n-failing', 'retrying', 1, 0],
    [`main.catch-up.thank/library/${position(15)}`, 'bob', 'retrying', 1, 0],
    [`main/library/${position(17)}`, 'dan', 'parked', 3, 0],
    [`main/library/${position(18)}`, 'dan', 'queued', 0, 0],
    [`main/library/${position(19)}`, 'eve', 'retrying', 1, 0],
    [`main/library/${position(20)}`, 'eve', 'queued', 0, 0],
    [`main/library/${position(21)}`, 'fay', 'waiting', 0, 1],
    [`main/library/${position(22)}`, 'bob', 'queued', 0, 0],
    [`main/~timers/${position(1)}`, '-/soon', 'retrying', 1, 0],
  ])
  const retried = shown(directory, 'desk', 'tidings.deliveries', 'attempts', 'held')
  expect(retried.filter(([key]) => String(key).startsWith('main~/'))).toEqual([
    [`main~/library/${position(16)}`, [2], undefined],
    [`main~/library/${position(17)}`, [3], [position(17)]],
  ])
  expect(shown(directory, 'desk', 'tidings.read-models', 'generation', 'rebuilding', 'begun')).toEqual([
    ['projection.by-reader', 1, 2, 2],
    ['replica.books', 2, undefined, undefined],
  ])
  expect(keysOf(directory, 'desk', 'readers@1')).toHaveLength(7)
  expect(keysOf(directory, 'desk', 'readers@2')).toHaveLength(4)
  expect(keysOf(directory, 'desk', 'books@2')).toEqual(['b-1', 'b-2'])
  expect(keysOf(directory, 'desk', 'books.versions@2')).toEqual(['b-1', 'b-2', 'b-3'])
  expect(tableOf(directory, 'desk', 'loans').map(({ key, schemaVersion }) => [key, schemaVersion])).toEqual([
    ['l-1', 1],
    ['l-10', 2],
    ['l-2', 1],
    ['l-3', 1],
  ])
  expect(rowsOf(directory, 'desk', `SELECT key FROM loans WHERE reader = 'bob'`)).toEqual([{ key: 'l-2' }])
})

test('the folder of layout 1 holds what is to come: timers, effects, process managers', () => {
  const directory = copyOf(layout)
  const agenda = tableOf(directory, 'desk', 'tidings.agenda').map(({ key, doc }) => {
    const { version, every } = doc.item as Record<string, unknown>
    return [key, doc.claimed, version, every]
  })
  const none = undefined
  expect(agenda).toEqual([
    ['effect/send-notice/id-000000000026', none, 1, none],
    ['effect/send-notice/id-000000000052', '0000000000000001', 2, none],
    ['effect/send-notice/id-000000000054', '0000000000000002', 2, none],
    ['timer/-/remind/l-1', none, 1, none],
    ['timer/-/remind/l-10', none, 2, none],
    ['timer/-/remind/l-2', none, 1, none],
    ['timer/-/remind/l-3', none, 1, none],
    ['timer/-/remind/soon', '0000000000000001', 2, none],
    ['timer/-/sweep/all', none, 1, { cron: '0 6 * * *', timeZone: 'UTC' }],
    ['timer/loan/overdue/o-1', none, 1, none],
    ['timer/loan/overdue/o-3', none, 1, none],
  ])
  expect(shown(directory, 'desk', 'tidings.queues', 'id')).toEqual([
    ['effects.send-notice/0000000000000001', 'effect/send-notice/id-000000000052'],
    ['effects.send-notice/0000000000000002', 'effect/send-notice/id-000000000054'],
    ['timers.main/0000000000000001', 'timer/-/remind/soon'],
  ])
  expect(shown(directory, 'desk', 'tidings.queue-heads', 'head')).toEqual([
    ['effects.send-notice', '0000000000000004'],
    ['timers.main', '0000000000000001'],
  ])
  expect(keysOf(directory, 'desk', 'tidings.first-runs')).toEqual(['watch'])
  expect(rowsOf(directory, 'desk', 'SELECT key, standing FROM "tidings.processes" ORDER BY key')).toEqual([
    { key: 'loan/o-1', standing: 'loan/running' },
    { key: 'loan/o-2', standing: 'loan/ended' },
    { key: 'loan/o-3', standing: 'loan/running' },
  ])
  expect(shown(directory, 'desk', 'tidings.process-steps', 'run')).toEqual([
    ['loan/o-1/0000000001', 1],
    ['loan/o-2/0000000001', 1],
    ['loan/o-2/0000000002', 1],
    ['loan/o-3/0000000001', 1],
    ['loan/o-3/0000000002', 1],
    ['loan/o-3/0000000003', 2],
  ])
  expect(rowsOf(directory, 'desk', 'SELECT category, name FROM tidings_streams WHERE id = 4')).toEqual([
    { category: 'loan', name: 'o-3#2' },
  ])
})

test('the folder of layout 1 holds runs that ended, and one that did not', () => {
  const directory = copyOf(layout)
  const runs = ['library', 'desk', 'press'].map((service) => shown(directory, service, 'tidings.run', 'state'))
  expect(runs).toEqual([[['state', 'ended']], [['state', 'ended']], [['state', 'running']]])
  // The page that was being handled alone when its process died, the second time; a timer that has come due and was not handled.
  expect(shown(directory, 'press', 'tidings.suspects', 'runs')).toEqual([['main/library/0000000000000024', 2]])
  expect(shown(directory, 'press', 'tidings.agenda', 'claimed')).toEqual([['timer/-/dry/p-1', '0000000000000001']])
  expect(shown(directory, 'press', 'tidings.queues', 'id')).toEqual([
    ['timers.main/0000000000000001', 'timer/-/dry/p-1'],
  ])
})
