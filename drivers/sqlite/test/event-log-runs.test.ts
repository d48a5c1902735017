// Runs of terms and how they are merged: at any time, each event of a term is found once, newest first, and few runs are asked.

import { DatabaseSync } from 'node:sqlite'
import { hashOfText } from 'tidings/ports'
import { expect, test } from 'vitest'
import { prepare } from '../src/database/sqlite-connection.ts'
import { blockCount } from '../src/event-log/sqlite-event-log-block.ts'
import { type EventLogRuns, openEventLogRuns } from '../src/event-log/sqlite-event-log-runs.ts'

/** Terms that each block has: some are in all of them, some in few, one in a single one. */
const termsOf = (block: number): readonly string[] => [
  'in-every-block',
  `every-seventh-${block % 7}`,
  `of-hundred-${Math.floor(block / 100)}`,
  `alone-${block}`,
]

const placeOf = (block: number, index: number): number => (block * 37 + index * 4_001) % blockCount

function openDatabase(): DatabaseSync {
  const database = new DatabaseSync(':memory:')
  database.exec('CREATE TABLE tidings_meta (name TEXT PRIMARY KEY, value NOT NULL) WITHOUT ROWID')
  return database
}

function writeBlock(runs: EventLogRuns, block: number): void {
  const entries = termsOf(block).map((term, index) => hashOfText(term) * blockCount + placeOf(block, index))
  runs.write(block, Float64Array.from(entries).sort())
}

/** All events of a term up to the end of a block, and how many runs were asked. */
function findAll(runs: EventLogRuns, term: string, last: number): { found: number[]; asked: number } {
  const found: number[] = []
  let asked = 0
  for (let block = last; block >= 0; asked++) {
    const run = runs.find(block, hashOfText(term))
    for (const place of run.places)
      if (place < (last + 1 - run.block) * blockCount) found.push(run.block * blockCount + place)
    block = run.block - 1
  }
  return { found, asked }
}

function expectedOf(term: string, last: number): number[] {
  const expected: number[] = []
  for (let block = last; block >= 0; block--) {
    const index = termsOf(block).indexOf(term)
    if (index >= 0) expected.push(block * blockCount + placeOf(block, index))
  }
  return expected
}

function expectAllFound(runs: EventLogRuns, last: number, runsMax: number): void {
  const terms = [
    'in-every-block',
    'every-seventh-3',
    'of-hundred-1',
    'nobody',
    ...[0, 5, 16, 255, 256, last].map((block) => `alone-${block}`),
  ]
  for (const term of terms) {
    const { found, asked } = findAll(runs, term, last)
    expect(found, `${term} up to block ${last}`).toEqual(expectedOf(term, last))
    expect(asked).toBeLessThanOrEqual(runsMax)
  }
}

test('what is merged is found as before, between any two steps and after a restart, and a long history has few runs', () => {
  const database = openDatabase()
  let runs = openEventLogRuns(database, 0)
  for (let block = 0; block < 600; block++) {
    for (let events = block * blockCount; events < (block + 1) * blockCount; events += 1_000) {
      runs.merge(events, block)
      if (block % 40 === 3 && block > 0) expectAllFound(runs, block - 1, 64)
    }
    writeBlock(runs, block)
    // Without merging, six hundred would be asked.
    if (block % 10 === 9) expectAllFound(runs, block, 64)
    if (block % 50 === 20) runs = openEventLogRuns(database, (block + 1) * blockCount)
  }
  const levels = prepare(database, 'SELECT DISTINCT id / 70368744177664 FROM tidings_log_runs').all().flat()
  expect(levels).toEqual([0, 1, 2])
})

test('a rollback takes back what it had merged, and nothing else', () => {
  const database = openDatabase()
  const runs = openEventLogRuns(database, 0)
  for (let block = 0; block < 40; block++) writeBlock(runs, block)
  let events = 40 * blockCount
  for (let turn = 0; turn < 70; turn++) {
    events += 4_096
    database.exec('BEGIN')
    runs.merge(events, 40)
    const rolledBack = turn % 3 === 1
    database.exec(rolledBack ? 'ROLLBACK' : 'COMMIT')
    if (rolledBack) runs.reload()
    expectAllFound(runs, 39, 40)
  }
})

test('after a restart, blocks that are not merged are found, whether they have a filter again or not', () => {
  const database = openDatabase()
  const before = openEventLogRuns(database, 0)
  for (let block = 0; block < 14; block++) writeBlock(before, block)
  const runs = openEventLogRuns(database, 14 * blockCount)
  for (let turn = 0; turn < 40; turn++) expectAllFound(runs, 13, 14)
})

test('a log whose first blocks have their terms elsewhere merges the others, and does not stay behind', () => {
  const database = openDatabase()
  const runs = openEventLogRuns(database, 300 * blockCount)
  const first = 300
  for (let block = first; block < first + 340; block++) {
    for (let events = block * blockCount; events < (block + 1) * blockCount; events += 4_096) runs.merge(events, block)
    writeBlock(runs, block)
  }
  const last = first + 339
  const found: number[] = []
  let asked = 0
  for (let block = last; block >= first; asked++) {
    const run = runs.find(block, hashOfText('in-every-block'))
    for (const place of run.places) found.push(run.block * blockCount + place)
    block = run.block - 1
  }
  expect(found).toEqual(expectedOf('in-every-block', last).slice(0, 340))
  expect(asked).toBeLessThan(64)
})
