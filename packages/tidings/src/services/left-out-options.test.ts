// Options that are left out are empty: the function comes second.

import { expect, test } from 'vitest'
import { z } from 'zod'
import { defineCommand, defineEvent, timer } from '../contracts/index.ts'
import { defineService } from './service.ts'

const Book = z.object({ isbn: z.string() })
const notification = { owner: 'lending', pattern: 'notification' } as const
const BookBorrowed = defineEvent('library.book-borrowed', notification).version(1, Book)
const Borrow = defineCommand('borrow', { input: Book })

test('a handler, a command and a timer without options are the same as with empty options', () => {
  const lending = defineService('lending', { timers: { remind: timer() } })
  const event = BookBorrowed.key(({ isbn }) => isbn)
  const run = () => {}
  expect(lending.on(event, run)).toEqual(lending.on(event, {}, run))
  expect(lending.onRetracted(event, run)).toEqual(lending.onRetracted(event, {}, run))
  expect(lending.command(Borrow, run)).toEqual(lending.command(Borrow, {}, run))
  expect(lending.due('remind', run)).toEqual(lending.due('remind', {}, run))
  expect(lending.on(event, run).run).toBe(run)
})

test('an event without a key says how to finish it, at compile time and when a service uses it', () => {
  expect(() => defineService('lending', { publishes: [BookBorrowed as never] })).toThrow(
    'must be an event, but it is library.book-borrowed, an event without a key: finish it with .key((data) => …).',
  )
  expect(() => BookBorrowed.keyOf({ isbn: '1' })).toThrow('Event library.book-borrowed has no key')
})
