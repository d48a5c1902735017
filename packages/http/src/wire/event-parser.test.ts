// Server-sent events, cut at every place.

import { expect, test } from 'vitest'
import { EventParser, type SentEvent } from './event-parser.ts'

const parse = (...pieces: readonly string[]): readonly SentEvent[] => {
  const parser = new EventParser()
  return pieces.flatMap((piece) => parser.push(piece))
}

const stream = [
  'retry: 1000\n\n',
  ': a comment\r\n\r\n',
  'event: snapshot\r\nid: r.1.0\r\ndata: {"rows":[]}\r\n\r\n',
  'id:r.1.1\revent:put\rdata:{"key":"a",\rdata: "row":1}\r\r',
  'event: remove\ndata: {"key":"ü🙂"}\nunknown: x\nnothing\n\n',
  'data\n\n',
].join('')
const events: readonly SentEvent[] = [
  { event: 'snapshot', id: 'r.1.0', data: '{"rows":[]}' },
  { event: 'put', id: 'r.1.1', data: '{"key":"a",\n"row":1}' },
  { event: 'remove', id: 'r.1.1', data: '{"key":"ü🙂"}' },
  { event: 'message', id: 'r.1.1', data: '' },
]

test('lines end in LF, CR or CR LF; data lines are joined; comments and unknown fields are ignored', () => {
  expect(parse(stream)).toEqual(events)
  expect(parse(`\ufeff${stream}`)).toEqual(events)
})

test('it does not matter where the stream is cut', () => {
  for (let at = 0; at <= stream.length; at++)
    expect(parse(stream.slice(0, at), '', stream.slice(at)), `${at}`).toEqual(events)
  expect(parse(...stream)).toEqual(parse(stream))
})

test('an event without its end is no event, and an id with NUL is ignored', () => {
  expect(parse('data: x\n')).toEqual([])
  expect(parse('id: good\ndata: x\n\n', 'id: b\0d\ndata: y\n\n').map(({ id }) => id)).toEqual(['good', 'good'])
})

test('an event that never ends is an error', () => {
  const parser = new EventParser()
  const piece = `data: ${'x'.repeat(4_000_000)}\n`
  expect(() => {
    for (let count = 0; count < 10; count++) parser.push(piece)
  }).toThrow(/longer than/)
})
