// Looks for damage in the file of a store: whether SQLite can read all of it, and whether events and facts are what was stored.
// Invariant: a damaged part does not hide the others. What is found is counted and named, up to a limit.

import type { DatabaseSync } from 'node:sqlite'
import { TidingsError } from 'tidings'
import { type CheckReport, type CheckRequest, formatPosition } from 'tidings/ports'
import { type Checked, checksumOf } from '../database/sqlite-checksums.ts'
import { openConnection, prepare, type Row, type Statement } from '../database/sqlite-connection.ts'
import { toTidingsError } from '../database/sqlite-errors.ts'
import { layoutOf } from '../database/sqlite-layout.ts'
import { checkService, readIdentity } from '../database/sqlite-schema.ts'
import { existingStore } from './store-files.ts'

/** The most damages that are named. */
const damagesMax = 100

/** How many events or facts are read before other work can run. */
const perStep = 1_000

/** Checks the store of a service, also while it is open. Throws `CONFIG_INVALID` if there is none. */
export async function checkStore(directory: string, { service, onProgress }: CheckRequest): Promise<CheckReport> {
  const path = existingStore(directory, service)
  const database = openConnection(path, { durability: 'power-loss', readOnly: true, busyTimeoutMs: 1_000 })
  try {
    checkService(readIdentity(database, path), service, path)
    return { file: path, ...(await checkDatabase(database, onProgress)) }
  } catch (error) {
    throw toTidingsError(error, `check the store of ${service}`, path)
  } finally {
    database.close()
  }
}

/** Refuses a copy that is damaged with `CORRUPT_DATA`, which names the damage. */
export async function refuseDamaged(database: DatabaseSync, what: string): Promise<void> {
  const { damages } = await checkDatabase(database)
  if (damages.length === 0) return
  const more =
    damages.length > 1 ? ` There are ${damages.length === damagesMax ? 'many' : damages.length} damages in all.` : ''
  throw new TidingsError('CORRUPT_DATA', `${what} is damaged. ${damages[0]}${more}`, {
    details: { damages },
    hint: 'Keep the earlier backups. `tidings check <service>` lists what is damaged in a store.',
  })
}

/** Checks an open database. */
async function checkDatabase(
  database: DatabaseSync,
  onProgress: CheckRequest['onProgress'] = () => {},
): Promise<CheckReport> {
  const damages: string[] = []
  const say = (damage: string) => {
    if (damages.length < damagesMax) damages.push(damage)
  }
  structureDamages(database).forEach(say)
  const total = lastPosition(database, 'tidings_log') + lastPosition(database, 'tidings_facts')
  let done = 0
  let uncheckedCount = 0
  const checkAll = async (
    statement: Statement,
    what: string,
    read: (row: Row) => Checked & { readonly name: string },
  ) => {
    let count = 0
    try {
      for (let rows = statement.all(0); rows.length > 0; rows = statement.all(rows.at(-1)?.[0] as number)) {
        for (const row of rows) {
          const stored = row.at(-1) as number | null
          if (stored === null) uncheckedCount += 1
          else if (checksumOf(read(row)) !== stored) say(`${read(row).name} does not match its checksum.`)
        }
        count += rows.length
        done += rows.length
        onProgress({ done, total })
        await new Promise((resume) => setImmediate(resume))
      }
    } catch (error) {
      say(`SQLite could not read ${what}: ${(error as Error).message}.`)
    }
    return count
  }
  const eventCount = await checkAll(allEvents(database), 'the event log', ([position, type, key, data, downcasts]) => ({
    ...({ type, key, data, downcasts } as Checked),
    name: `The event at position ${formatPosition(Number(position))}`,
  }))
  const factCount = await checkAll(allFacts(database), 'the facts', ([, type, key, data, category, version]) => ({
    ...({ type, key, data } as Checked),
    name: `Fact ${version} of stream ${category}/${key}`,
  }))
  return { eventCount, factCount, uncheckedCount, damages }
}

function structureDamages(database: DatabaseSync): readonly string[] {
  try {
    const found = prepare(database, `PRAGMA integrity_check(${damagesMax})`)
      .all()
      .map(([text]) => String(text))
    return found.length === 1 && found[0] === 'ok'
      ? []
      : found.map((text) => `SQLite found: ${text.replaceAll(/\s+/g, ' ')}.`)
  } catch (error) {
    return [`SQLite could not read the file: ${(error as Error).message}.`]
  }
}

const lastPosition = (database: DatabaseSync, table: string): number =>
  Number(prepare(database, `SELECT coalesce(max(position), 0) FROM ${table}`).get()?.[0])

// A file of the first layout keeps no checksums.
const checksumColumn = (database: DatabaseSync): string => (layoutOf(database) === 1 ? 'NULL' : 'checksum')

const allEvents = (database: DatabaseSync): Statement =>
  prepare(
    database,
    `SELECT position, type, key, data, downcasts, ${checksumColumn(database)}
     FROM tidings_log WHERE position > ? ORDER BY position LIMIT ${perStep}`,
  )

const allFacts = (database: DatabaseSync): Statement =>
  prepare(
    database,
    `SELECT position, type, name, data, category, stream_version, ${checksumColumn(database)}
     FROM tidings_facts f CROSS JOIN tidings_streams s ON s.id = f.stream WHERE position > ? ORDER BY position LIMIT ${perStep}`,
  )
