// What layout 3 keeps in another way than layout 2, by the names it has at rest. Only SQLite reads the folder here.

import { expect, test } from 'vitest'
import { copyOf } from './open-copy.ts'
import { rowsOf } from './read-folder.ts'

test('the folder of layout 3 has no index of terms, because later events have theirs in runs', () => {
  const directory = copyOf('layout-3')
  for (const service of ['desk', 'lab', 'library', 'press']) {
    expect(rowsOf(directory, service, 'PRAGMA user_version')).toEqual([{ user_version: 3 }])
    expect(rowsOf(directory, service, "SELECT name FROM sqlite_schema WHERE name LIKE 'tidings_log%terms'")).toEqual([])
  }
})

test('the folder of layout 3 has an index of due times without keys, and says so beside the table', () => {
  const directory = copyOf('layout-3')
  const indexes = "SELECT indexes FROM tidings_tables WHERE name = 'tidings.agenda'"
  expect(rowsOf(directory, 'lab', indexes)).toEqual([{ indexes: '{"indexes":["dueAt"],"tiesInAnyOrder":["dueAt"]}' }])
  const sql = "SELECT sql FROM sqlite_schema WHERE type = 'index' AND tbl_name = 'tidings.agenda' AND sql IS NOT NULL"
  const [index, ...others] = rowsOf(directory, 'lab', sql)
  expect(String(index?.sql)).toMatch(/\("dueAt"\)$/)
  expect(others).toEqual([])
})

test('the folder of layout 3 holds timers and effects as lists whose data are as they were given', () => {
  const directory = copyOf('layout-3')
  const rows = rowsOf(directory, 'lab', 'SELECT key, schema_version, doc FROM "tidings.agenda" ORDER BY key')
  expect(rows.map(({ key }) => key)).toEqual([
    expect.stringMatching(/^effect\/send-report\/id-/),
    'timer/-/expire/s-1',
    'timer/-/expire/s-2',
    'timer/-/stir/stir',
    'timer/-/wash/wash',
  ])
  for (const { schema_version, doc } of rows) {
    expect(schema_version).toBe(2)
    const [length, dueAt, version, correlationId, , causedBy, , , data] = JSON.parse(String(doc)) as unknown[]
    expect([typeof dueAt, version, typeof correlationId, typeof causedBy]).toEqual(['number', 1, 'string', 'string'])
    expect(JSON.parse(String(doc).slice(-1 - Number(length), -1))).toEqual(data)
  }
})
