// Histories, lists and timers as text: signs in their column, no line wider than the terminal, no unsafe text.

import type { PendingEffect, PendingTimer, ProcessHistory, ShownStep } from 'tidings/operations'
import { expect, test } from 'vitest'
import { rendered, type Text, widthOf } from '../terminal/text.ts'
import { drawHistory } from './draw-history.ts'
import { drawPending } from './draw-pending.ts'
import { drawProcesses } from './draw-processes.ts'

const at = Date.UTC(2026, 0, 1, 12)
const minute = 60_000
const drawn = (lines: readonly Text[]) => lines.map((line) => rendered(line, false).trimEnd())

const step = (number: number, parts: Partial<ShownStep>): ShownStep => ({
  number,
  run: 1,
  at,
  occurredAt: at,
  input: { kind: 'event', name: 'shop.order-placed', id: '01a21377-aed9-71a9-a15f-a493e33ebd9a' },
  correlationId: 'c',
  version: number,
  facts: [],
  published: [],
  executed: [],
  requested: [],
  timers: [],
  ...parts,
})
const fact = (type: string, data: unknown, omittedBytes?: number) => ({
  type,
  streamVersion: 1,
  occurredAt: at,
  recordedAt: at,
  correlationId: 'c',
  causationId: 'c',
  causedBy: 'process/payment',
  principal: null,
  tenant: null,
  data,
  ...(omittedBytes === undefined ? {} : { omittedBytes }),
})
const timer: PendingTimer = {
  service: 'payments',
  id: 'timer/payment/remind/o 1',
  process: 'payment',
  name: 'remind',
  key: 'o 1',
  dueAt: at + 15 * minute,
  state: 'set',
  causedBy: 'process/payment',
  correlationId: 'c',
  attempts: 0,
  error: undefined,
  every: undefined,
  version: 1,
  data: null,
}
const effect: PendingEffect = {
  ...timer,
  id: 'effect/send-mail/i-1',
  idempotencyKey: 'i-1',
  name: 'send-mail',
  dueAt: at,
  state: 'parked',
  attempts: 3,
  error: { code: 'HANDLER_FAILED', message: 'no\u001b[31m mail today' },
}
const history: ProcessHistory = {
  instance: {
    service: 'payments',
    process: 'payment',
    key: 'o 1',
    run: 2,
    state: 'running',
    steps: 12,
    startedAt: at,
    changedAt: at,
  },
  state: { reminders: 1, note: 'a\u202eb' },
  stateError: undefined,
  earlier: 9,
  steps: [
    step(9, {
      facts: [fact('awaited', { patience: 'long' }), fact('noted', undefined, 5_000_000)],
      timers: [{ name: 'remind', dueAt: at + 10 * minute }, { name: 'giveUp' }],
      executed: [{ command: 'reserve' }, { command: 'charge', rejected: 'no-credit' }],
    }),
    step(10, {
      at: at + 12 * minute,
      input: { kind: 'timer', name: 'remind', lateMs: 2 * minute },
      published: [{ type: 'shop.order-reminded', id: '01a21377-aedc-7aee-995b-8bb311f2d928' }],
      requested: [
        { effect: 'send-mail', id: 'i-1' },
        { effect: 'send-mail', id: 'i-0' },
      ],
    }),
    step(11, { at: at + 86_400_000, occurredAt: at + 86_400_000 - 5_000 }),
    step(12, { at: at + 86_400_000, ended: true }),
  ],
  timers: [timer],
  effects: [effect],
}
const now = at + 13 * minute

test('a history shows the input, facts and outputs of each step, and the state', () => {
  expect(drawn(drawHistory(history, { now, width: 80 }))).toEqual([
    'payments/payment  o 1  running',
    '  run 2 · 12 steps · started 2026-01-01 12:00:00, 13 min ago',
    '',
    '… 8 earlier steps; show them with --before 9',
    '2026-01-01 (UTC)',
    ' #9  12:00:00.000  ← shop.order-placed  01a21377-aed9-71a9-a15f-a493e33ebd9a',
    '     ● awaited  {"patience":"long"}',
    '     ● noted  … 5,000,000 characters',
    '     » reserve',
    '     » charge  rejected no-credit',
    '     ◷ remind  set for 2026-01-01 12:10:00, in 10 min',
    '     ◷ giveUp  cancelled',
    '#10  12:12:00.000  ◷ remind  2 min late',
    '     → shop.order-reminded  01a21377-aedc-7aee-995b-8bb311f2d928',
    '     ↗ send-mail  parked',
    '     ↗ send-mail',
    '2026-01-02 (UTC)',
    '#11  12:00:00.000  ← shop.order-placed  5 s after it occurred',
    '       01a21377-aed9-71a9-a15f-a493e33ebd9a',
    '     no facts, no output',
    '#12  12:00:00.000  ← shop.order-placed  1 d after it occurred',
    '       01a21377-aed9-71a9-a15f-a493e33ebd9a',
    '     ■ ended',
    '',
    'state',
    '  {',
    '    "reminders": 1,',
    '    "note": "a\\u202eb"',
    '  }',
    'timers',
    '  remind  in 2 min  2026-01-01 12:15:00',
    'effects',
    '  send-mail  ✗ parked, 3 attempts  2026-01-01 12:00:00',
    '    HANDLER_FAILED no\\u001b[31m mail today',
  ])
})

test('a state that cannot be computed says why, and long values are cut and marked', () => {
  const long = { ...history, earlier: undefined, steps: [step(1, { facts: [fact('noted', 'word '.repeat(200))] })] }
  const lines = drawn(
    drawHistory(
      { ...long, state: undefined, stateError: { code: 'UNKNOWN_FACT', message: 'No.' } },
      { now, width: 80 },
    ),
  )
  expect(lines).toContain('  UNKNOWN_FACT No.')
  expect(lines.filter((line) => line.includes('word'))).toHaveLength(4)
  expect(lines).toContain('      … --json shows all of it')
})

test.each([60, 72, 80])('no line is wider than %d columns', (width) => {
  const lines = [
    ...drawPending([timer, effect], { what: 'timer', more: true, now, width }),
    ...drawProcesses([history.instance], { more: true, now, width }),
    ...drawHistory({ ...history, steps: history.steps.slice(2) }, { now, width }),
  ]
  for (const line of drawn(lines)) expect(widthOf(line)).toBeLessThanOrEqual(width)
})

test('timers and effects say when they are due, or how they are deferred', () => {
  const report: PendingTimer = {
    ...timer,
    process: undefined,
    name: 'report',
    dueAt: now - 5_000,
    state: 'due',
    every: { cron: '30 9 * * mon-fri', timeZone: 'Europe/Berlin' },
  }
  expect(drawn(drawPending([effect, report, timer], { what: 'timer', more: true, now, width: 80 }))).toEqual([
    'due                                        timer                       key',
    '2026-01-01 12:00:00  ✗ parked, 3 attempts  payments/payment.send-mail  o 1',
    '  HANDLER_FAILED no\\u001b[31m mail today',
    '2026-01-01 12:12:55  5 s late              payments/report             o 1',
    '  every 30 9 * * mon-fri  Europe/Berlin',
    '2026-01-01 12:15:00  in 2 min              payments/payment.remind     o 1',
    'Showing the next 3; raise --limit for more.',
  ])
  const begun: PendingEffect = { ...effect, error: undefined, begun: { by: 'eu-2', at, timeoutMs: 20_000 } }
  expect(drawn(drawPending([begun], { what: 'effect', more: false, now, width: 80 })).at(-1)).toBe(
    '  begun by eu-2 at 2026-01-01 12:00:00.000, for 20 s at most',
  )
  expect(drawn(drawPending([], { what: 'effect', more: false, now, width: 80 }))).toEqual(['No effect is pending.'])
})

test('instances are one line each', () => {
  expect(drawn(drawProcesses([history.instance], { more: false, now, width: 80 }))).toEqual([
    'process manager   key  state    run  steps     changed',
    'payments/payment  o 1  running    2     12  13 min ago',
  ])
  expect(drawn(drawProcesses([], { more: false, now, width: 80 }))).toEqual(['No process manager has an instance.'])
})
