// Log lines for people: one look tells what failed, where in your code, and what to type next; nothing in them acts on the terminal.

import { expect, test } from 'vitest'
import { createLogSink } from './log-sink.ts'
import { lineText } from './text-lines.ts'
import { userFrames } from './user-frames.ts'

function written(fields: Readonly<Record<string, unknown>>, message = 'An event failed and is retried'): string {
  let text = ''
  const sink = createLogSink({ format: 'text', destination: { write: (line) => (text += line) } })
  sink({ level: 'warn', time: Date.UTC(2026, 0, 31, 14, 3, 9), service: 'shipping', message, fields })
  return text
}

const stack = [
  `    at pack (${import.meta.filename}:12:9)`,
  '    at invoke (file:///app/node_modules/tidings/dist/runtime/invoke.js:3:1)',
  '    at new Promise (<anonymous>)',
  '    at async Module.run (file:///app/shipping/index.ts:30:1)',
  '    at process.processTicksAndRejections (node:internal/process/task_queues:105:5)',
  '    at async /app/main.ts:4:3',
].join('\n')

const id = '01a22a75-6da5-7e5b-a463-18355b5175dd'

test('a failure shows the error, the stack of your own code and the command to look closer, on lines of their own', () => {
  const fields = {
    type: 'shop.paid',
    key: 'order-1',
    event: id,
    code: 'HANDLER_FAILED',
    error: 'Error: no such order',
    stack,
  }
  expect(written({ ...fields, next: `npx tidings why shop.paid/${id}` })).toBe(
    [
      '14:03:09 warn  shipping An event failed and is retried',
      '  type=shop.paid key=order-1',
      '  HANDLER_FAILED  Error: no such order',
      '    at Module.run (/app/shipping/index.ts:30:1)',
      '    at /app/main.ts:4:3',
      `  → npx tidings why shop.paid/${id}`,
      '',
    ].join('\n'),
  )
})

test('a hint is shown if it says more than to fix the handler', () => {
  const fields = { code: 'HANDLER_TIMEOUT', error: 'A handler did not finish.', hint: 'Make the handler faster.' }
  expect(written(fields)).toContain('\n  HANDLER_TIMEOUT  A handler did not finish.\n  Make the handler faster.\n')
  expect(written({ ...fields, code: 'HANDLER_FAILED', hint: 'Read the error.' })).not.toContain('Read the error')
})

test('a hint is shown without an error too, and a command in backquotes is not broken', () => {
  const hint = 'If it was renamed, declare `was: post` on it and then run `npx tidings dead list --all` again.'
  const line = { level: 'warn' as const, time: new Date(0).toISOString(), msg: 'It pauses', hint }
  expect(lineText(line, { coloured: false, width: 40 }).split('\n').slice(1)).toEqual([
    '  If it was renamed, declare `was: post`',
    '  on it and then run',
    '  `npx tidings dead list --all` again.',
    '',
  ])
})

test('a line without an error is one line, and a text with spaces is quoted', () => {
  expect(written({ reason: 'its shape has changed', readModel: 'orders', count: 3 }, 'Rebuilding')).toBe(
    '14:03:09 warn  shipping Rebuilding  reason="its shape has changed" readModel=orders count=3\n',
  )
})

test('a line that counts others begins with their number', () => {
  const fields = { count: 47, code: 'HANDLER_FAILED', next: 'npx tidings dead' }
  expect(written(fields, 'More events were parked for the same reason')).toBe(
    [
      '14:03:09 warn  shipping 47 more events were parked for the same reason',
      '  HANDLER_FAILED',
      '  → npx tidings dead',
      '',
    ].join('\n'),
  )
})

test('on a narrow terminal, texts continue on the next line between words', () => {
  const line = { level: 'warn' as const, time: new Date(0).toISOString(), msg: 'It pauses', error: 'The disk is full.' }
  const info = { level: 'info' as const, time: line.time, msg: 'Handled', event: 'id-17', source: 'orders' }
  expect(lineText(info, { coloured: false, width: 40 })).toBe('00:00:00 info  Handled\n  event=id-17 source=orders\n')
  const long = { ...line, service: 'shop', msg: 'It pauses, and goes on when there is room' }
  expect(lineText(long, { coloured: false, width: 40 }).split('\n').slice(0, 2)).toEqual([
    '00:00:00 warn  shop It pauses, and goes',
    '  on when there is room',
  ])
  const text = lineText({ ...line, code: 'STORE_UNAVAILABLE', hint: 'Check the disk.' }, { coloured: false, width: 30 })
  expect(text.split('\n').slice(1)).toEqual(['  STORE_UNAVAILABLE  The disk', '  is full.', '  Check the disk.', ''])
})

test('an error given as its stack shows its message and the frames of your own code', () => {
  expect(
    written({ error: `RangeError: too much\n${stack}` })
      .split('\n')
      .slice(1),
  ).toEqual([
    '  RangeError: too much',
    '    at Module.run (/app/shipping/index.ts:30:1)',
    '    at /app/main.ts:4:3',
    '',
  ])
})

test('nothing in a line starts a line of its own, colours it or reverses it, and secrets are redacted [trap: access]', () => {
  const text = written(
    { key: 'a\u001b[31m\nfake', error: 'x\u202e\u{e0041}\ny', password: 'p', to: 'a\ufe0f\u2800' },
    'm\u0007',
  )
  expect(text.split('\n')).toHaveLength(4)
  expect(text.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Cf}\p{Default_Ignorable_Code_Point}\u2800]/u)
  expect(text).toContain('password=[redacted]')
})

test('frames of your own code have their path from the current folder', () => {
  const frames = [
    '    at place (file:///app/orders/place.ts:7:3)',
    '    at /else/where.ts:1:2',
    '    at x (C:\\app\\a.ts:1:2)',
  ]
  expect(userFrames(frames, '/app')).toContain('place (orders/place.ts:7:3)')
  expect(userFrames(frames, '/app')).toContain('/else/where.ts:1:2')
})

test('frames in Tidings itself are left out, also where it is used from its sources', () => {
  expect(userFrames([`    at sink (${import.meta.filename}:1:1)`], '/app')).toEqual([])
})
