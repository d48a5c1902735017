// Schemas that several contracts share: ids, money, moments.
import { z } from 'zod'

/** An id: 1 to 64 letters, digits, `_`, `.` or `-`. It contains no `/`, so two ids can be joined with one. */
export const Id = z.string().regex(/^[A-Za-z0-9_.-]{1,64}$/, 'an id is 1 to 64 letters, digits, "_", "." or "-"')

/** Two ids joined with `/`, such as the order and the seller of a parcel. */
export const PairId = z.string().regex(/^[A-Za-z0-9_.-]{1,64}\/[A-Za-z0-9_.-]{1,64}$/, 'two ids joined with "/"')

/** An amount in integer cents, never negative. */
export const Cents = z.int().nonnegative()

/** A moment as ISO 8601 in UTC: `2017-01-05T10:11:12.000Z`. */
export const Moment = z.iso.datetime()
