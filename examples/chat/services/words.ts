// The shapes that several contracts share: ids, moments, texts of people. Each is small and has no behaviour.
// Invariant: what passes is kept exactly as it was given, save for the spaces around a name.
import { z } from 'zod'

/** An id: 1 to 64 letters, digits, `_`, `.` or `-`. Safe within a key that joins ids with `/`. */
export const Id = z.string().regex(/^[A-Za-z0-9_.-]{1,64}$/, 'an id is 1 to 64 letters, digits, "_", "." or "-"')

/** A moment as ISO 8601 in UTC: `2010-08-17T18:04:00.000Z`. */
export const Moment = z.iso.datetime()

/** The most characters of a message; an emoji of one code point is one character. */
export const textLengthMax = 4_000

const lengthOf = (text: string): number => (text.length <= textLengthMax ? text.length : [...text].length)

/** What somebody wrote, exactly: up to 4,000 characters, whole ones, none of them NUL. May be empty. */
export const Text = z
  .string()
  .refine((text) => lengthOf(text) <= textLengthMax, `a text has at most ${textLengthMax} characters`)
  .refine((text) => text.isWellFormed(), 'a text is made of whole characters, and this one has half of one')
  .refine((text) => !text.includes('\u0000'), 'a text has no NUL')

/** A name or a title: 1 to 64 characters without control characters; spaces around it are taken off, the rest is exact. */
export const Name = z
  .string()
  .trim()
  .refine(
    (name) => name.length <= 256 && [...name].length >= 1 && [...name].length <= 64,
    'a name is 1 to 64 characters',
  )
  .refine((name) => name.isWellFormed() && !/\p{Cc}/u.test(name), 'a name has no control characters')
