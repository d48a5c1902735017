// What layout 2 keeps and layout 1 did not, by the names it has at rest. Only SQLite reads the folder here; that the code of today goes on with
// it is said by `lab-goes-on.test.ts`.

import { readdirSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'
import { copyOf } from './open-copy.ts'
import { keysOf, rowsOf, tableOf } from './read-folder.ts'

const first = '0000000000000001'
const second = '0000000000000002'

/** The rows of a table of the lab, each with some members of its document. */
const shown = (directory: string, table: string, ...members: string[]) =>
  tableOf(directory, 'lab', table).map(({ key, doc }) => [key, ...members.map((member) => doc[member])])

/** The rows of a table of the lab that hold a scheduled item, each with some members of the item. */
const items = (directory: string, table: string, ...members: string[]) =>
  tableOf(directory, 'lab', table).map(({ key, doc }) => {
    const item = (doc.item ?? doc) as Readonly<Record<string, unknown>>
    return [key, ...members.map((member) => item[member])]
  })

test('the folder of layout 2 has columns for tenants and checksums of events and facts, and for the trace state of events', () => {
  expect(readdirSync(path.join(import.meta.dirname, 'layout-2')).sort()).toEqual([
    'desk.db',
    'lab.db',
    'library.db',
    'press.db',
  ])
  const directory = copyOf('layout-2')
  for (const service of ['desk', 'lab', 'library', 'press']) {
    const columns = (table: string) =>
      rowsOf(directory, service, `SELECT name FROM pragma_table_info('${table}')`).map(({ name }) => name)
    expect(columns('tidings_log')).toEqual(expect.arrayContaining(['tenant', 'tracestate', 'checksum']))
    expect(columns('tidings_facts')).toEqual(expect.arrayContaining(['tenant', 'checksum']))
    expect(rowsOf(directory, service, 'PRAGMA user_version')).toEqual([{ user_version: 2 }])
  }
})

test('the folder of layout 2 holds who caused an event, a fact, a timer and an effect, in which tenant and trace', () => {
  const directory = copyOf('layout-2')
  const checksum = expect.any(Number)
  expect(rowsOf(directory, 'lab', 'SELECT principal, tenant, tracestate, checksum FROM tidings_log')).toEqual([
    { principal: 'ann', tenant: 'acme', tracestate: 'lab=1', checksum },
    { principal: 'ann', tenant: 'bolt', tracestate: null, checksum },
  ])
  expect(rowsOf(directory, 'lab', 'SELECT principal, tenant, checksum FROM tidings_facts')).toEqual([
    { principal: 'ann', tenant: 'acme', checksum },
  ])
  const ann = { principal: 'ann', tenant: 'acme', tracestate: 'lab=1' }
  const otherAnn = { principal: 'ann', tenant: 'bolt', tracestate: null }
  const nobody = { principal: null, tenant: null, tracestate: null, causedBy: 'service/lab' }
  expect(items(directory, 'tidings.agenda', 'origin')).toEqual([
    ['effect/send-report/id-000000000070', expect.objectContaining(ann)],
    ['timer/-/expire/s-1', expect.objectContaining(ann)],
    ['timer/-/expire/s-2', expect.objectContaining(otherAnn)],
    ['timer/-/stir/stir', expect.objectContaining(nobody)],
    ['timer/-/wash/wash', expect.objectContaining(nobody)],
  ])
})

test('the folder of layout 2 holds answers under the keys of principals, and the values that occur once', () => {
  const directory = copyOf('layout-2')
  expect(shown(directory, 'tidings.answers', 'output', 'rejection')).toEqual([
    ['["register-sample","acme","ann","key-1"]', { registered: 's-1' }, undefined],
    ['["register-sample","bolt","ann","key-1"]', undefined, expect.objectContaining({ code: 'code-taken' })],
  ])
  expect(keysOf(directory, 'lab', 'tidings.commands')).toEqual([])
  expect(tableOf(directory, 'lab', 'samples.unique').map(({ key, doc }) => [key, doc])).toEqual([
    ['code/"blue"', 's-2'],
    ['code/"red"', 's-1'],
    ['reserved', { version: 1, fields: [['code']] }],
  ])
})

test('the folder of layout 2 holds timers that the service declares, a parked run of one, and what an effect was answered', () => {
  const directory = copyOf('layout-2')
  const stir = { cron: '30 * * * *', timeZone: 'UTC' }
  const wash = { cron: '0 6 * * *', timeZone: 'Europe/Berlin' }
  expect(tableOf(directory, 'lab', 'tidings.run').map(({ key, doc }) => [key, doc])).toEqual([
    ['state', { state: 'ended' }],
    ['timers', { stir, wash }],
  ])
  const declared = items(directory, 'tidings.agenda', 'declared', 'every').filter(([, own]) => own === true)
  expect(declared).toEqual([
    ['timer/-/stir/stir', true, stir],
    ['timer/-/wash/wash', true, wash],
  ])
  expect(items(directory, 'tidings.queues', 'released', 'missed', 'performed')).toEqual([
    [`effects.send-report/${first}`, undefined, undefined, { answer: '{"receipt":"receipt-of-s-1"}', fits: true }],
    [`timers.main/${first}`, true, 0, undefined],
  ])
})

test('the folder of layout 2 holds an event that failed again after its redrive, and an instance that is deferred', () => {
  const directory = copyOf('layout-2')
  const analysis = ['analysis.at-rest.sample-taken']
  const members = ['state', 'attempts', 'attemptsBefore', 'key', 'keys', 'ownKey', 'handlers']
  const none = undefined
  expect(shown(directory, 'tidings.held', ...members)).toEqual([
    [`analysis/lab/${first}`, 'parked', 3, none, 'b-1', ['analysis/b-1'], 's-1', analysis],
    [`analysis/lab/${second}`, 'queued', 0, none, 'b-1', ['analysis/b-1'], 's-2', analysis],
    [`effect.send-report/~effects/${first}`, 'parked', 3, none, 's-1', none, none, none],
    [`main/lab/${second}`, 'retrying', 1, 3, 's-2', none, none, ['test']],
    [`main/~timers/${first}`, 'parked', 3, none, '-/stir', none, none, none],
  ])
})

test('the folder of layout 2 holds the shape of every version under which the lab has stored data', () => {
  const directory = copyOf('layout-2')
  expect(keysOf(directory, 'lab', 'tidings.shapes')).toEqual([
    'effect/send-report/1',
    'event/at-rest.sample-taken/1',
    'fact/analysis/begun/1',
    'fact/sample/weighed/1',
    'row/reports/1',
    'row/samples/1',
    'timer/-/expire/1',
    'timer/-/stir/1',
    'timer/-/wash/1',
  ])
  const [samples] = tableOf(directory, 'lab', 'tidings.shapes').filter(({ key }) => key === 'row/samples/1')
  const text = { type: ['string'] }
  expect(samples?.doc).toEqual({
    shapes: [
      {
        type: ['object'],
        properties: { batch: text, code: text, sampleId: text },
        required: ['batch', 'code', 'sampleId'],
      },
    ],
  })
})
