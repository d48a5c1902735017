// Names in camelCase get quotes, and nothing else of a statement changes.

import { expect, test } from 'vitest'
import { textsWithQuotedNames } from './sql-names.ts'

const quoted = (...texts: string[]) => textsWithQuotedNames(texts).join('?')

test.each([
  ['SELECT waitMs AS meanMs FROM orders AS someOrders', 'SELECT "waitMs" AS "meanMs" FROM orders AS "someOrders"'],
  [
    'WITH byDay (dayOfYear, n) AS (SELECT 1, 2) SELECT byDay.n',
    'WITH "byDay" ("dayOfYear", n) AS (SELECT 1, 2) SELECT "byDay".n',
  ],
  ['SELECT COALESCE(a_b, Count, NULL) FROM t1', 'SELECT COALESCE(a_b, Count, NULL) FROM t1'],
  [
    "SELECT 'waitMs it''s waitMs', \"waitMs\", `waitMs` -- waitMs\n, waitMs",
    'SELECT \'waitMs it\'\'s waitMs\', "waitMs", `waitMs` -- waitMs\n, "waitMs"',
  ],
  ['SELECT /* waitMs * / waitMs */ waitMs', 'SELECT /* waitMs * / waitMs */ "waitMs"'],
  ['SELECT 1eX, 0xFF, :aB, @aB, $aB, größeMm', 'SELECT 1eX, 0xFF, :aB, @aB, $aB, größeMm'],
  ['a.handedOverAt-b.approvedAt', 'a."handedOverAt"-b."approvedAt"'],
])('%s', (text, wanted) => expect(quoted(text)).toBe(wanted))

test('a text or a comment goes on behind a value, and ends there', () => {
  expect(quoted("SELECT 'aB ", " aB' , aB")).toBe('SELECT \'aB ? aB\' , "aB"')
  expect(quoted('SELECT "aB ', ' aB", aB')).toBe('SELECT "aB ? aB", "aB"')
  expect(quoted('SELECT 1 -- aB ', ' aB\n aB')).toBe('SELECT 1 -- aB ? aB\n "aB"')
  expect(quoted('SELECT 1 /* aB ', ' aB ', '*/ aB')).toBe('SELECT 1 /* aB ? aB ?*/ "aB"')
  expect(quoted('SELECT aB', ', bC')).toBe('SELECT "aB"?, "bC"')
})

test('the texts of one template are looked at once', () => {
  const texts = ['SELECT aB']
  expect(textsWithQuotedNames(texts)).toBe(textsWithQuotedNames(texts))
})
