// A function that is declared and forgotten in `with` is said: on the map, and when the service starts.

import { expect, test } from 'vitest'
import { z } from 'zod'
import { defineCommand, defineEvent } from '../contracts/index.ts'
import { createManualClock } from '../memory/manual-clock.ts'
import { createManualTimeouts } from '../memory/manual-timeouts.ts'
import { memoryDriver } from '../memory/memory-driver.ts'
import { createSeededRandom } from '../memory/seeded-random.ts'
import { createSequentialIds } from '../memory/sequential-ids.ts'
import { systemMap } from '../operations/system-map.ts'
import type { LogLine } from '../ports/index.ts'
import { createSystem } from '../runtime/index.ts'
import { defineService } from './service.ts'

const Book = z.object({ isbn: z.string() })
const BookBorrowed = defineEvent('library.book-borrowed', { owner: 'lending', pattern: 'notification' })
  .version(1, Book)
  .key(({ isbn }) => isbn)
const Borrow = defineCommand('borrow', { input: Book })

test('a handler that is declared and not listed is named on the map and in the log, with what to do', async () => {
  const definition = defineService('readers')
  const borrow = definition.command(Borrow, () => {})
  definition.on(BookBorrowed, () => {})
  const readers = definition.with({ borrow })
  expect(systemMap([readers]).problems).toContain(
    'readers: the handler of library.book-borrowed is declared and never runs; list it in with({ … })',
  )
  const clock = createManualClock()
  const timeouts = createManualTimeouts(clock)
  const lines: LogLine[] = []
  const log = (line: LogLine) => void lines.push(line)
  const environment = { clock, timeouts, random: createSeededRandom(1), ids: createSequentialIds(), log }
  const system = await createSystem({ services: [readers], driver: memoryDriver(), environment })
  await timeouts.runUntil(system.close())
  expect(lines).toMatchObject([
    {
      level: 'warn',
      service: 'readers',
      message: 'A function is declared and never runs',
      fields: { function: 'the handler of library.book-borrowed', hint: 'List it in `with` of its service.' },
    },
  ])
})

test('a function that one of several variants lists counts as listed', () => {
  const definition = defineService('readers')
  const borrow = definition.command(Borrow, () => {})
  const without = definition.with({})
  expect(without.unlisted()).toEqual(['the handler of command borrow'])
  definition.with({ borrow })
  expect(without.unlisted()).toEqual([])
})
