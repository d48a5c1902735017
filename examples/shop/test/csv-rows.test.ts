// The CSV reader: every row has the line on which it starts, and broken quoting affects its own row only.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { csvRows, rowLengthMax } from '../import/csv-rows.ts'

const rowsOf = (text: string) => [...csvRows(text)]

test('a row has the number of the line on which it starts, also after texts with newlines', () => {
  expect(rowsOf('a,b\n1,"x\ny\n"\n\n2,z')).toEqual([
    { line: 1, fields: ['a', 'b'] },
    { line: 2, fields: ['1', 'x\ny\n'] },
    { line: 6, fields: ['2', 'z'] },
  ])
})

test('Windows line ends, a byte-order mark and doubled quotes are read', () => {
  expect(rowsOf('\uFEFFa,b\r\n"say ""hi""","c\r\nd"\r\n1,\r\n')).toEqual([
    { line: 1, fields: ['a', 'b'] },
    { line: 2, fields: ['say "hi"', 'c\r\nd'] },
    { line: 4, fields: ['1', ''] },
  ])
})

test('a quote that is never closed affects its own row only', () => {
  expect(rowsOf('a,b\n1,"x\n2,y\n3,z\n')).toEqual([
    { line: 1, fields: ['a', 'b'] },
    { line: 2, reason: 'a quote is never closed' },
    { line: 3, fields: ['2', 'y'] },
    { line: 4, fields: ['3', 'z'] },
  ])
})

test('a quote that the next quoted field closes is detected, and that field is read', () => {
  expect(rowsOf('1,"x\n2,"y"\n')).toEqual([
    { line: 1, reason: 'there is text after the closing quote of a field' },
    { line: 2, fields: ['2', 'y'] },
  ])
})

test('a quote inside an unquoted field is refused', () => {
  expect(rowsOf('1,5" pipe\n2,y')).toEqual([
    { line: 1, reason: 'a field contains a quote but does not start with one' },
    { line: 2, fields: ['2', 'y'] },
  ])
})

test('a row longer than the limit is refused, quoted or not', () => {
  const long = 'x'.repeat(rowLengthMax + 1)
  expect(rowsOf(`${long}\n"${long}"\n1`).map(({ line, reason }) => [line, reason])).toEqual([
    [1, `the row is longer than ${rowLengthMax} characters`],
    [2, `a quote is not closed within ${rowLengthMax} characters`],
    [3, undefined],
  ])
})

test('any table that is written as CSV reads back unchanged', () => {
  const field = fc.string({ unit: fc.constantFrom('a', ',', '"', '\n', '\r', ' ', 'é') })
  const table = fc.array(fc.array(field, { minLength: 2, maxLength: 4 }), { maxLength: 5 })
  const written = (rows: string[][]) =>
    rows.map((fields) => fields.map((text) => `"${text.replaceAll('"', '""')}"`).join(',')).join('\n')
  fc.assert(
    fc.property(table, (rows) => {
      expect(rowsOf(written(rows)).map(({ fields }) => fields)).toEqual(rows)
    }),
  )
})

test('any text is read to its end, row by row', () => {
  const text = fc.string({ unit: fc.constantFrom('a', ',', '"', '\n', '\r') })
  const property = fc.property(text, (any) => {
    const lines = rowsOf(any).map(({ line }) => line)
    expect(lines).toEqual([...new Set(lines)].sort((a, b) => a - b))
  })
  fc.assert(property)
})
