// Whoever looks into the wrong data folder is told the right one, and only of processes that run.

import { expect, test } from 'vitest'
import { temporaryFolder } from '../../test/running-shop.ts'
import type { RunFile } from './run-file.ts'
import { forgetRunPlace, noteRunPlace, readRunPlaces } from './run-places.ts'

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

test('a process is known by its data folder until it ends, and its token is not in the note', () => {
  const folder = temporaryFolder()
  const here = () => readRunPlaces().filter(({ data }) => data === folder)
  noteRunPlace(folder, run())
  expect(here()).toEqual([{ data: folder, pid: process.pid, services: ['orders'] }])
  forgetRunPlace(folder, run({ pid: process.pid + 1 }))
  expect(here()).toHaveLength(1)
  forgetRunPlace(folder, run())
  expect(here()).toEqual([])
  noteRunPlace(folder, run({ pid: 2 ** 30 }))
  expect(here()).toEqual([])
})
