// The checksums of events and facts: a CRC-32 of what they say, kept beside it. They find what a disk, a cable or a hand has changed.
// Invariant: a checksum covers the type, the key (for a fact its stream) and the data, and for an event its downcasts. What was stored
// before there were checksums has none, and is not checked.

import { crc32 } from 'node:zlib'
import { TidingsError } from 'tidings'

/** What a checksum covers. */
export interface Checked {
  readonly type: string
  /** The key of an event; the stream of a fact. */
  readonly key: string
  readonly data: string | null
  readonly downcasts?: string | null
}

/** The checksum of an event or a fact. */
export function checksumOf({ type, key, data, downcasts }: Checked): number {
  // Neither types nor keys contain a line break, so no two events have the same text.
  const sum = crc32(`${type}\n${key}\n${data ?? ''}`)
  return downcasts === null || downcasts === undefined ? sum : crc32(downcasts, sum)
}

/**
 * Checks the facts of one stream, one after the other: what they have in common is summed up once, because a fold reads many.
 *
 * The result of `has` is false if a fact is not what was stored.
 */
export function streamChecker(stream: string): { has(type: string, data: string, stored: number | null): boolean } {
  let knownType: string | undefined
  let begun = 0
  return {
    has: (type, data, stored) => {
      if (stored === null) return true
      if (type !== knownType) {
        knownType = type
        begun = crc32(`${type}\n${stream}\n`)
      }
      return crc32(data, begun) === stored
    },
  }
}

/** Throws `CORRUPT_DATA` if something that was read is not what was stored. `what` names it, with its position. */
export function verifyChecksum(checked: Checked, stored: number | null, what: () => string): void {
  if (stored === null || checksumOf(checked) === stored) return
  throw new TidingsError('CORRUPT_DATA', `${what()} is damaged: its data do not match its checksum.`, {
    hint: 'Restore the store from a backup (`tidings restore`). `tidings check` finds everything else that is damaged.',
  })
}
