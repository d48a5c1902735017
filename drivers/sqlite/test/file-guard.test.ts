// The guard of a store's files, once it trusts the folder's own status: what changes in the folder afterwards is noticed at the next look.

import { cpSync, mkdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { createManualClock } from 'tidings/memory'
import { expect, test } from 'vitest'
import { guardFiles } from '../src/database/sqlite-file-guard.ts'
import { filesOf } from '../src/database/sqlite-files.ts'
import { temporaryFolder } from './test-engine.ts'

/** A guard that has looked at the files often enough to look at the folder alone. */
function settledGuard() {
  const folder = path.join(temporaryFolder(), 'data')
  mkdirSync(folder)
  const files = filesOf(folder, 'orders')
  for (const file of [files.database, `${files.database}-wal`, files.lock]) writeFileSync(file, 'x')
  const clock = createManualClock()
  const guard = guardFiles('orders', files, clock)
  guard.check()
  clock.advance(101)
  guard.check()
  guard.check()
  waitForNextTimeOf(folder)
  return { folder, files, check: guard.check }
}

// Some file systems count time in steps of a few milliseconds; what follows happens in a later one.
function waitForNextTimeOf(folder: string): void {
  const probe = path.join(temporaryFolder(), 'probe')
  const before = statSync(folder).ctimeMs
  for (let tries = 0; tries < 100_000; tries++) {
    writeFileSync(probe, `${tries}`)
    if (statSync(probe).ctimeMs > before) return
  }
  throw new Error('The clock of the file system stands still.')
}

const refused = (file: string, what: string) =>
  expect.objectContaining({ code: 'STORE_UNAVAILABLE', message: expect.stringContaining(`${file} ${what}`) })

test.each(['.db', '.db-wal', '.lock'])('P2: a %s that is removed later is noticed', (suffix) => {
  const { folder, check } = settledGuard()
  const file = path.join(folder, `orders${suffix}`)
  rmSync(file)
  expect(check).toThrow(refused(file, 'is no longer there'))
  expect(check, 'and again').toThrow(refused(file, 'is no longer there'))
})

test.each(['.db', '.db-wal', '.lock'])('P2: a %s that is replaced later is noticed', (suffix) => {
  const { folder, check } = settledGuard()
  const file = path.join(folder, `orders${suffix}`)
  cpSync(file, `${file}.copy`)
  check()
  renameSync(`${file}.copy`, file)
  expect(check).toThrow(refused(file, 'was replaced by another file'))
})

test('P2: a folder that is moved away is noticed, and so is its return', () => {
  const { folder, files, check } = settledGuard()
  renameSync(folder, `${folder}.moved`)
  expect(check).toThrow(refused(files.database, 'is no longer there'))
  renameSync(`${folder}.moved`, folder)
  expect(check).not.toThrow()
})
