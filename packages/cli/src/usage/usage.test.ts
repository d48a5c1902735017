// What the command refuses, with which exit code, and which name it suggests.

import { TidingsError } from 'tidings'
import { expect, test } from 'vitest'
import { runCommandLine } from '../program.ts'
import { createTerminal } from '../terminal/terminal.ts'
import { CommandFailure, failureOf } from './command-failure.ts'
import { exitCodeOf } from './exit-codes.ts'
import { editDistance, nearestName } from './nearest.ts'

test.each([
  ['evnts', 'events'],
  ['stauts', 'status'],
  ['event', 'events'],
  ['by', 'by-sum'],
  ['nothing-like-it', undefined],
  ['', undefined],
])('%j probably means %s', (wanted, name) => {
  expect(nearestName(wanted, ['events', 'status', 'start', 'by-sum'])).toBe(name)
})

test('the distance counts letters inserted, removed, replaced and swapped', () => {
  expect([editDistance('abc', 'abc'), editDistance('abc', 'ab'), editDistance('abc', 'acb')]).toEqual([0, 1, 1])
  expect(editDistance('', 'abc')).toBe(3)
})

test('every kind of failure has its exit code', () => {
  expect(exitCodeOf('CONFIG_INVALID')).toBe(2)
  expect(exitCodeOf('SERVICE_UNAVAILABLE')).toBe(3)
  expect(exitCodeOf('UNKNOWN_EVENT')).toBe(4)
  expect(exitCodeOf('STORE_LOCKED')).toBe(5)
  expect(exitCodeOf('HANDLER_FAILED')).toBe(1)
  expect(failureOf(new CommandFailure('notFound', 'gone'))).toMatchObject({ exitCode: 4, code: 'NOT_FOUND' })
  expect(failureOf(new RangeError('x'))).toMatchObject({ exitCode: 1, message: 'x' })
  expect(failureOf('text')).toMatchObject({ exitCode: 1, message: 'text' })
})

test('a hint that points to a list shows the list', () => {
  const error = new TidingsError('UNKNOWN_SERVICE', 'No.', { details: { services: ['a', 'b'] } })
  expect(failureOf(error).hint).toBe('Available: a, b.')
  expect(failureOf(new TidingsError('UNKNOWN_SUBSCRIBER', 'No.')).hint).toBeUndefined()
})

async function call(...args: string[]) {
  let out = ''
  let err = ''
  const stdout = { write: (text: string) => (out += text) }
  const stderr = { write: (text: string) => (err += text) }
  const terminal = createTerminal({ stdout, stderr, env: {} })
  const interrupted = new AbortController().signal
  const code = await runCommandLine(args, {
    terminal,
    cwd: import.meta.dirname,
    env: {},
    interrupted,
    outliveReaders: () => {},
  })
  return { code, out, err }
}

test.each([
  [['evnts'], /Unknown command 'evnts'.*\n.*Did you mean events\?/],
  [['events', '--lmit', '3'], /Unknown option '--lmit'.*\n.*Did you mean --limit\?/],
  [['events', '--limit', 'ten'], /--limit must be a whole number from 1 to 10000, not "ten"/],
  [['events', '--limit', '0'], /--limit must be a whole number/],
  [['map', '--format', 'svg'], /Allowed choices are text, mermaid, json/],
  [['map', 'orders'], /Too many arguments.*\n.*`npx tidings map --help`/],
  [['why'], /Missing required argument 'event'.*\n.*`npx tidings why --help`/],
  [['help', 'stauts'], /Unknown command 'stauts'.*\n.*Did you mean status\?/],
  [['help', 'nothing-like-it'], /Unknown command.*\n.*`npx tidings --help`/],
  [['accept', 'a', 'b'], /--from/],
  [['dead', 'redrv'], /Too many arguments.*\n.*`npx tidings dead --help`/],
  [['status', '--config', 'no-such-folder'], /no configuration at .*\n.*tidings init/],
])('tidings %j is refused before anything is done', async (args, message) => {
  const { code, out, err } = await call(...args)
  expect(code).toBe(2)
  expect(out).toBe('')
  expect(err).toMatch(message)
})

test('an error as JSON is one line with code, message and hint', async () => {
  const { code, err } = await call('status', '--config', 'no-such-folder', '--json')
  expect(code).toBe(2)
  expect(JSON.parse(err)).toMatchObject({ error: { code: 'CONFIG_INVALID', hint: expect.any(String) } })
})

test('help and version end with 0, no command with 2', async () => {
  expect(await call('--help')).toMatchObject({ code: 0, out: expect.stringContaining('Exit codes') })
  expect(await call('why', '--help')).toMatchObject({ code: 0, out: expect.stringContaining('<event>') })
  expect(await call('--version')).toMatchObject({ code: 0, out: expect.stringMatching(/^\d+\.\d+\.\d+/) })
  expect(await call()).toMatchObject({ code: 2, err: expect.stringContaining('Usage: tidings') })
})
