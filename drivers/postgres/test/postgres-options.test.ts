// What the drivers say without a server.

import { localPostgresDriver } from '@tidings/postgres/local'
import { backupsOf } from 'tidings/ports'
import { expect, test } from 'vitest'
import { postgresDriver } from '../src/index.ts'

test.each([
  ['a server', postgresDriver({ url: 'postgres://localhost/shop' })],
  ['a server of its own', localPostgresDriver({ directory: 'never-made' })],
])('the driver on %s names what Postgres has for backups', (_where, driver) => {
  expect(() => backupsOf(driver)).toThrow(
    expect.objectContaining({ code: 'BACKUP_UNSUPPORTED', hint: expect.stringMatching(/pg_dump.*PITR/) }),
  )
})
