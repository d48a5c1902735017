// Unique ids that sort in the order in which they were made.

let last = 0

/** @param {number} bytes */
const random = (bytes) =>
  [...crypto.getRandomValues(new Uint8Array(bytes))].map((byte) => byte.toString(16).padStart(2, '0')).join('')

/** An id that sorts by the time it was made. */
export function timedId() {
  last = Math.max(last + 1, Date.now())
  return `${last.toString(36).padStart(9, '0')}-${random(6)}`
}

/** A random id. */
export const randomId = () => random(12)
