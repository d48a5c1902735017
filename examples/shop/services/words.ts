// The shapes that several contracts share: ids, money, moments. Each is small and has no behaviour.
import { z } from 'zod'

/** An id: 1 to 64 letters, digits, `_`, `.` or `-`. Safe within a key that joins two ids with `/`. */
export const Id = z.string().regex(/^[A-Za-z0-9_.-]{1,64}$/, 'an id is 1 to 64 letters, digits, "_", "." or "-"')

/** Two ids joined with `/`: a thing that is known by two others, such as one seller's parcel of an order. */
export const PairId = z.string().regex(/^[A-Za-z0-9_.-]{1,64}\/[A-Za-z0-9_.-]{1,64}$/, 'two ids joined with "/"')

/** An amount in integer cents, never negative. */
export const Cents = z.int().nonnegative()

/** A moment as ISO 8601 in UTC: `2017-01-05T10:11:12.000Z`. */
export const Moment = z.iso.datetime()
