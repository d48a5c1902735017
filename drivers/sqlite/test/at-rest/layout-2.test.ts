// What layout 2 keeps and layout 1 did not. Only SQLite reads the folder here.

import { expect, test } from 'vitest'
import { copyOf } from './open-copy.ts'
import { rowsOf } from './read-folder.ts'

test('the folder of layout 2 keeps tenants and checksums with events and facts, and the trace state with events', () => {
  const directory = copyOf('layout-2')
  for (const service of ['desk', 'library', 'press']) {
    const columns = (table: string) =>
      rowsOf(directory, service, `SELECT name FROM pragma_table_info('${table}')`).map(({ name }) => name)
    expect(columns('tidings_log')).toEqual(expect.arrayContaining(['tenant', 'tracestate', 'checksum']))
    expect(columns('tidings_facts')).toEqual(expect.arrayContaining(['tenant', 'checksum']))
    expect(rowsOf(directory, service, 'PRAGMA user_version')).toEqual([{ user_version: 2 }])
  }
})
