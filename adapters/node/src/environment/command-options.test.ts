// What a command of a log line needs so that it reaches the system that has written the line.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import type { LogLine } from 'tidings/ports'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { LoadedConfig } from '../config/load-config.ts'
import { commandOptions, withPrintedCommands } from './command-options.ts'
import { createLogSink } from './log-sink.ts'
import { completedText, tidingsCall } from './printed-commands.ts'

const folder = mkdtempSync(path.join(tmpdir(), 'tidings-options-'))
const at = (...parts: string[]) => path.join(folder, ...parts)
const config = (file: string, data: string) =>
  ({ kind: 'config', name: 'shop', path: at(file), data: at(data) }) as unknown as LoadedConfig

beforeAll(() => writeFileSync(at('tidings.config.ts'), ''))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

test.each([
  ['tidings.config.ts', '.tidings', '.tidings', '.', ''],
  ['tidings.config.ts', '.tidings', 'elsewhere', '.', '--data elsewhere'],
  ['tidings.config.ts', '.tidings', '.tidings', 'below', '--config ../tidings.config.ts'],
  ['other.config.ts', 'data', 'data', '.', '--config other.config.ts'],
  ['my own.config.ts', 'data', 'my data', '.', "--config 'my own.config.ts' --data 'my data'"],
])('%s with the data %s, run on %s from %s, needs %j', (file, usual, data, cwd, options) => {
  expect(commandOptions(config(file, usual), at(data), at(cwd))).toBe(options)
})

test('a configuration that comes from no file needs --data if its folder is not the usual one', () => {
  const { path: _, data: __, ...inCode } = config('', '')
  expect(commandOptions(inCode, at('.tidings'), folder)).toBe('')
  expect(commandOptions(inCode, at('data'), folder)).toBe('--data data')
})

test('the commands of a log line can be typed as they are printed', () => {
  let text = ''
  const lines: LogLine[] = []
  const sink = createLogSink({ format: 'text', destination: { write: (line) => (text += line) } })
  const both = (line: LogLine) => {
    lines.push(line)
    sink(line)
  }
  const log = withPrintedCommands(both, { call: 'npx tidings', options: '--data elsewhere' })
  const fields = {
    event: 'id-1',
    error: 'no',
    hint: 'Choose with `tidings accept`.',
    next: 'npx tidings dead show id-1',
  }
  log({ level: 'error', time: 0, service: 'desk', message: 'An event was parked', fields })
  log({ level: 'info', time: 0, service: 'desk', message: 'My own line', fields: { next: 'Tuesday' } })
  expect(lines[0]?.fields).toMatchObject({
    hint: 'Choose with `npx tidings accept --data elsewhere`.',
    next: 'npx tidings dead show id-1 --data elsewhere',
  })
  expect(lines[1]?.fields).toEqual({ next: 'Tuesday' })
  expect(text).not.toContain('event=id-1')
})

test.each([
  ['npm/11.4.1 node/v24.9.0 linux x64', 'npx tidings'],
  ['pnpm/10.0.0 npm/? node/v24.9.0 linux x64', 'pnpm exec tidings'],
  ['yarn/4.0.0 npm/? node/v24.9.0 linux x64', 'yarn tidings'],
  ['bun/1.2.0 npm/? node/v24.3.0 linux x64', 'bunx tidings'],
  [undefined, 'npx tidings'],
])('started by %s, a command is called %j', (agent, call) => {
  expect(tidingsCall({ npm_config_user_agent: agent })).toBe(call)
})

test('commands in a text get the options that reach the system; those that need none stay as they are', () => {
  const form = { call: 'pnpm exec tidings', options: '--data elsewhere' }
  const text = 'Create one (`tidings init`), see `tidings status --help`, then `tidings dead show a` or `npm test`.'
  expect(completedText(text, form)).toBe(
    'Create one (`pnpm exec tidings init`), see `pnpm exec tidings status --help`, then `pnpm exec tidings dead show a --data elsewhere` or `npm test`.',
  )
  expect(completedText('`tidings` and `tidings status --data x`', form)).toBe(
    '`pnpm exec tidings` and `pnpm exec tidings status --data x`',
  )
})
