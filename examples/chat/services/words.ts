// Schemas that several contracts share: ids, moments, texts, names.
// Invariant: valid input is kept exactly, except for the spaces around a name.
import { z } from 'zod'

/** An id: 1 to 64 letters, digits, `_`, `.` or `-`. It contains no `/`, so ids can be joined with one. */
export const Id = z.string().regex(/^[A-Za-z0-9_.-]{1,64}$/, 'an id is 1 to 64 letters, digits, "_", "." or "-"')

/** A moment as ISO 8601 in UTC: `2010-08-17T18:04:00.000Z`. */
export const Moment = z.iso.datetime()

/** The most characters of a message; an emoji of one code point is one character. */
export const textLengthMax = 4_000

const lengthOf = (text: string): number => (text.length <= textLengthMax ? text.length : [...text].length)

/** A text that somebody wrote, kept exactly: up to 4,000 whole characters without NUL. May be empty. */
export const Text = z
  .string()
  .refine((text) => lengthOf(text) <= textLengthMax, `a text has at most ${textLengthMax} characters`)
  .refine((text) => text.isWellFormed(), 'a text has whole characters only, no lone surrogates')
  .refine((text) => !text.includes('\u0000'), 'a text has no NUL')

/** A name or a title: 1 to 64 characters without control characters; spaces around it are removed. */
export const Name = z
  .string()
  .trim()
  .refine(
    (name) => name.length <= 256 && [...name].length >= 1 && [...name].length <= 64,
    'a name is 1 to 64 characters',
  )
  .refine((name) => name.isWellFormed() && !/\p{Cc}/u.test(name), 'a name has no control characters')
