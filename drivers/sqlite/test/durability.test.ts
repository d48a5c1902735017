// What a commit survives: the pragma for each durability is set and read back on every open, and the waits for the disk are counted.

import path from 'node:path'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { checkSqliteVersion, openConnection, pragma } from '../src/database/sqlite-connection.ts'
import { startChild } from './processes/child.ts'
import { openEngine, temporaryFolder } from './test-engine.ts'

afterEach(() => vi.restoreAllMocks())

describe.each([
  ['power-loss', 2],
  ['process-crash', 1],
] as const)('durability %s', (durability, level) => {
  test('is set on every open: a new file, the same again, and one that only reads [trap: fsync]', () => {
    const file = path.join(temporaryFolder(), 'any.db')
    for (const readOnly of [false, false, true]) {
      const database = openConnection(file, { durability, readOnly })
      expect([pragma(database, 'synchronous'), pragma(database, 'journal_mode')]).toEqual([level, 'wal'])
      if (!readOnly) database.exec('CREATE TABLE IF NOT EXISTS any (a)')
      database.close()
    }
  })

  test('does not depend on what the file was opened with before, and is said [trap: fsync]', async () => {
    const folder = temporaryFolder()
    const other = durability === 'power-loss' ? 'process-crash' : 'power-loss'
    const first = await openEngine(folder, { durability: other })
    await first.openStore('orders')
    await first.close()
    const engine = await openEngine(folder, { durability })
    const store = await engine.openStore('orders')
    expect(pragma((store as unknown as { database: Parameters<typeof pragma>[0] }).database, 'synchronous')).toBe(level)
    expect(engine.durability).toContain(durability)
  })

  test('makes a commit wait for the disk, or not, and commits at once wait together', async () => {
    const child = await startChild('disk-waits.ts', temporaryFolder(), durability)
    const { countable, commits, single, grouped } = (await child.ask('count')) as Record<string, number>
    // If the system cannot count (not Linux, or a disk in memory), only the pragma above can be tested.
    if (!countable) return
    if (durability === 'power-loss') {
      expect(single).toBeGreaterThanOrEqual(commits!)
      expect(grouped).toBeLessThan(single! / 4)
    } else expect(single).toBeLessThan(commits! / 4)
  })
})

test.each(['3.51.3', '3.51.10', '3.52.0', '4.0.0'])('SQLite %s is new enough', (version) => {
  expect(() => checkSqliteVersion(version)).not.toThrow()
})

test.each(['3.51.2', '3.50.9', '2.99.99'])('SQLite %s is refused [trap: fsync]', (version) => {
  expect(() => checkSqliteVersion(version)).toThrow(expect.objectContaining({ code: 'ENGINE_TOO_OLD' }))
})
