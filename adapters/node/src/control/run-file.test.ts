// Run files are for their owner only, and one whose process is gone counts as absent.

import { mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'
import { temporaryFolder } from '../../test/running-shop.ts'
import { type RunFile, readRunFiles, removeRunFile, writeRunFile } from './run-file.ts'

const run = (changes: Partial<RunFile> = {}): RunFile => ({
  name: 'orders',
  pid: process.pid,
  startedAt: '2026-01-01T00:00:00.000Z',
  services: ['orders'],
  http: null,
  control: 'http://127.0.0.1:1',
  token: 'secret',
  ...changes,
})

test('P12: what is written can be read by its owner only', () => {
  const folder = temporaryFolder()
  writeRunFile(folder, run())
  expect(readRunFiles(folder)).toEqual([run()])
  expect(statSync(path.join(folder, 'run', 'orders.json')).mode & 0o777).toBe(0o600)
  expect(statSync(path.join(folder, 'run')).mode & 0o777).toBe(0o700)
  expect(readdirSync(path.join(folder, 'run'))).toEqual(['orders.json'])
})

test('a file left over from a process that is gone counts as absent, and is written over', () => {
  const folder = temporaryFolder()
  writeRunFile(folder, run({ pid: 2 ** 30 }))
  expect(readRunFiles(folder)).toEqual([])
  writeRunFile(folder, run())
  expect(readRunFiles(folder)).toHaveLength(1)
})

test('a process removes its own file, never one that came after it', () => {
  const folder = temporaryFolder()
  writeRunFile(folder, run({ token: 'newer' }))
  removeRunFile(folder, run())
  expect(readRunFiles(folder)).toHaveLength(1)
  removeRunFile(folder, run({ token: 'newer' }))
  expect(readRunFiles(folder)).toEqual([])
  removeRunFile(folder, run())
})

test('where nothing ever ran there is nothing', () => {
  expect(readRunFiles(path.join(temporaryFolder(), 'absent'))).toEqual([])
})

test.each([
  ['half a file', '{"name":'],
  ['no run file', '{}'],
  ['another machine', JSON.stringify(run({ control: 'http://169.254.169.254/' }))],
  ['another protocol', JSON.stringify(run({ control: 'https://127.0.0.1/' }))],
  ['a host in disguise', JSON.stringify(run({ control: 'http://127.0.0.1@evil.example/' }))],
])('P12: %s is left out: a token goes nowhere but to this machine [trap: access]', (_what, text) => {
  const folder = temporaryFolder()
  mkdirSync(path.join(folder, 'run'))
  writeFileSync(path.join(folder, 'run', 'x.json'), text)
  expect(readRunFiles(folder)).toEqual([])
})
