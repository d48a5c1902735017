// Only their owner can read run files, and those of ended processes are ignored.

import { mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'
import { runFileOf } from '../../test/run-file-of.ts'
import { temporaryFolder } from '../../test/running-shop.ts'
import { readRunFiles, removeRunFile, writeRunFile } from './run-file.ts'

test('P12: only its owner can read a run file', () => {
  const folder = temporaryFolder()
  writeRunFile(folder, runFileOf())
  expect(readRunFiles(folder)).toEqual([runFileOf()])
  expect(statSync(path.join(folder, 'run', 'orders.json')).mode & 0o777).toBe(0o600)
  expect(statSync(path.join(folder, 'run')).mode & 0o777).toBe(0o700)
  expect(readdirSync(path.join(folder, 'run'))).toEqual(['orders.json'])
})

test('the run file of an ended process is ignored, and overwritten', () => {
  const folder = temporaryFolder()
  writeRunFile(folder, runFileOf({ pid: 2 ** 30 }))
  expect(readRunFiles(folder)).toEqual([])
  writeRunFile(folder, runFileOf())
  expect(readRunFiles(folder)).toHaveLength(1)
})

test('a process removes its own run file, never a newer one', () => {
  const folder = temporaryFolder()
  writeRunFile(folder, runFileOf({ token: 'newer' }))
  removeRunFile(folder, runFileOf())
  expect(readRunFiles(folder)).toHaveLength(1)
  removeRunFile(folder, runFileOf({ token: 'newer' }))
  expect(readRunFiles(folder)).toEqual([])
  removeRunFile(folder, runFileOf())
})

test('a folder without run files has none', () => {
  expect(readRunFiles(path.join(temporaryFolder(), 'absent'))).toEqual([])
})

test.each([
  ['half a run file', '{"name":'],
  ['another JSON file', '{}'],
  ['a run file for another machine', JSON.stringify(runFileOf({ control: 'http://169.254.169.254/' }))],
  ['a run file with another protocol', JSON.stringify(runFileOf({ control: 'https://127.0.0.1/' }))],
  ['a run file with a disguised host', JSON.stringify(runFileOf({ control: 'http://127.0.0.1@evil.example/' }))],
])('P12: %s is ignored, so that a token is sent to this machine only [trap: access]', (_what, text) => {
  const folder = temporaryFolder()
  mkdirSync(path.join(folder, 'run'))
  writeFileSync(path.join(folder, 'run', 'x.json'), text)
  expect(readRunFiles(folder)).toEqual([])
})
