// The slot of an event: a number from 0 to 255 that its key decides. Subscribers that share a source among them each take a range of slots, so that
// all events of a key come to the same one.
// Invariant: the slot of a key never changes, on any engine and in any version: checkpoints and index files at rest depend on it.

/** How many slots there are. */
export const slotCount = 256

/** Slots from `from`, up to but not including `to`: at least 0, and at most `slotCount`. A range that has none matches nothing. */
export interface SlotRange {
  readonly from: number
  readonly to: number
}

/**
 * A hash of 32 bits of a key or another text: FNV-1a over its UTF-16 units, with the last steps of Murmur3, so that each bit depends on each unit
 * (http://www.isthe.com/chongo/tech/comp/fnv, `fmix32` of https://github.com/aappleby/smhasher). Its value for a text never changes.
 */
export function hashOfText(text: string): number {
  let hash = 0x811c9dc5
  for (let index = 0; index < text.length; index++) hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193)
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return (hash ^ (hash >>> 16)) >>> 0
}

/** The slot of a key: the last 8 bits of its hash. */
export function slotOfKey(key: string): number {
  return hashOfText(key) & (slotCount - 1)
}

/** Whether the slot of a key is in a range. */
export function isInSlots(key: string, { from, to }: SlotRange): boolean {
  const slot = slotOfKey(key)
  return slot >= from && slot < to
}
