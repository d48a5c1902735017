// Schemas that several contracts share: ids, money, moments.
import { z } from 'zod'

/** An id: 1 to 64 letters, digits, `_`, `.` or `-`. It contains no `/`, so two ids can be joined with one. */
export const Id = z.string().regex(/^[A-Za-z0-9_.-]{1,64}$/, 'an id is 1 to 64 letters, digits, "_", "." or "-"')

/** Two ids joined with `/`, such as the order and the seller of a parcel. */
export const PairId = z.string().regex(/^[A-Za-z0-9_.-]{1,64}\/[A-Za-z0-9_.-]{1,64}$/, 'two ids joined with "/"')

/** An amount in integer cents, never negative. */
export const Cents = z.int().nonnegative()

/**
 * The most cents of a price or freight: a hundred billion. The sum over the 500 items of an order is then a safe number, wherever an order is
 * summed up.
 */
export const itemCentsMax = 10_000_000_000_000

/** A moment as ISO 8601 in UTC: `2017-01-05T10:11:12.000Z`. */
export const Moment = z.iso.datetime()
