// The checksums of events and facts: a CRC-32 of what they say, kept beside it. They find what a disk, a cable or a hand has changed.
// Invariant: a checksum covers the type, the key (for a fact its stream) and the data, and for an event its downcasts.

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

/** The checksum of an event or a fact, as the signed 32 bits that its column holds. */
export function checksumOf({ type, key, data, downcasts }: Checked): number {
  // Neither types nor keys contain a line break, so no two events have the same text.
  const sum = crc32(`${type}\n${key}\n${data ?? ''}`)
  return (downcasts === null || downcasts === undefined ? sum : crc32(downcasts, sum)) | 0
}

/** Throws `CORRUPT_DATA` if something that was read is not what was stored. `what` names it, with its position. */
export function verifyChecksum(checked: Checked, stored: number, what: () => string): void {
  if (checksumOf(checked) === stored) return
  throw new TidingsError('CORRUPT_DATA', `${what()} is damaged: its data do not match its checksum.`, {
    hint: 'Restore the database from a backup of it (pg_dump, or point-in-time recovery).',
  })
}
