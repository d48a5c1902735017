// Ids: UUIDs of version 7 (RFC 9562, method 1 with a counter of 42 bits and 32 random bits). Randomness is drawn for a thousand ids at once.
// Invariant: ids of one generator always grow, unless the clock goes back by more than ten seconds.

import type { Ids } from 'tidings/ports'

/** How far the clock may go back before ids follow it, in milliseconds. */
const rollbackMsMax = 10_000

const randomCount = 1_024

/** The digits of each byte. */
const bytes = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'))

/** Makes a generator. `now` is the time of day, in milliseconds since 1970. */
export function uuidsV7(now: () => number = Date.now): Ids {
  const pool = new Uint32Array(randomCount)
  let drawn = randomCount
  const random = (): number => {
    if (drawn === randomCount) {
      crypto.getRandomValues(pool)
      drawn = 0
    }
    return pool[drawn++] as number
  }

  let time = Number.NEGATIVE_INFINITY
  /** The time's twelve digits, with its hyphen and the version. */
  let begun = ''
  // The counter: its upper 12 bits stand before the variant, its lower 30 after it.
  let upper = 0
  let lower = 0
  const begin = (at: number): void => {
    time = at
    const digits = at.toString(16).padStart(12, '0')
    begun = `${digits.slice(0, 8)}-${digits.slice(8)}-7`
    // The first bit stays free, so that the counter can grow.
    upper = random() >>> 21
    lower = random() >>> 2
  }

  return {
    next: () => {
      const at = now()
      if (at > time || at < time - rollbackMsMax) begin(at)
      else if (++lower > 0x3fffffff) {
        lower = 0
        if (++upper > 0xfff) begin(time + 1)
      }
      const last = random()
      const middle = `${text(upper >>> 8).slice(1)}${text(upper)}-${text(0x80 | (lower >>> 24))}${text(lower >>> 16)}-`
      return `${begun}${middle}${text(lower >>> 8)}${text(lower)}${text(last >>> 24)}${text(last >>> 16)}${text(last >>> 8)}${text(last)}`
    },
  }
}

function text(number: number): string {
  return bytes[number & 0xff] as string
}
