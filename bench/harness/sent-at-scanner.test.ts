// Events of a stream count when they are complete, wherever the chunks end.

import { expect, test } from 'vitest'
import { SentAtScanner } from './sent-at-scanner.ts'

const stream = [
  'retry: 1000\n\n',
  'event: snapshot\nid: 1\ndata: {"rows":[{"key":"a","row":{"sentAt":1}}]}\n\n',
  ': \n\n',
  'event: put\nid: 2\ndata: {"key":"b","row":{"text":"b","sentAt":2.5}}\n\n',
  'event: put\nid: 3\ndata: {"text":"c","sentAt":1795622400000.125}\n\n',
].join('')

test.each([1, 2, 7, 1_000])('in chunks of %i characters', (length) => {
  const scanner = new SentAtScanner()
  let snapshots = 0
  const puts: number[] = []
  for (let at = 0; at < stream.length; at += length) {
    const scanned = scanner.push(stream.slice(at, at + length))
    snapshots += scanned.snapshots
    puts.push(...scanned.puts)
  }
  expect(snapshots, 'rows of a snapshot are not counted as puts').toBe(1)
  expect(puts).toEqual([2.5, 1_795_622_400_000.125])
})

test('an event without its end does not count yet', () => {
  const scanner = new SentAtScanner()
  expect(scanner.push('event: put\ndata: {"sentAt":7}\n')).toEqual({ snapshots: 0, puts: [] })
  expect(scanner.push('\n')).toEqual({ snapshots: 0, puts: [7] })
})
