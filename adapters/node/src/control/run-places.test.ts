// Whoever looks into the wrong data folder is told the right one, and only of processes that run.

import { expect, test } from 'vitest'
import { runFileOf } from '../../test/run-file-of.ts'
import { temporaryFolder } from '../../test/running-shop.ts'
import { forgetRunPlace, noteRunPlace, readRunPlaces } from './run-places.ts'

test('a process is known by its data folder until it ends, and its token is not in the note', () => {
  const folder = temporaryFolder()
  const here = () => readRunPlaces().filter(({ data }) => data === folder)
  noteRunPlace(folder, runFileOf())
  expect(here()).toEqual([{ data: folder, pid: process.pid, services: ['orders'] }])
  noteRunPlace(folder, runFileOf({ config: '/shop/tidings.config.ts' }))
  expect(here(), 'which system it is').toMatchObject([{ config: '/shop/tidings.config.ts' }])
  forgetRunPlace(folder, runFileOf({ pid: process.pid + 1 }))
  expect(here()).toHaveLength(1)
  forgetRunPlace(folder, runFileOf())
  expect(here()).toEqual([])
  noteRunPlace(folder, runFileOf({ pid: 2 ** 30 }))
  expect(here()).toEqual([])
})
