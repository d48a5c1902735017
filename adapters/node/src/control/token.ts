// The token of a control endpoint, new at every start.

import { randomBytes } from 'node:crypto'

/** A token of 256 random bits. */
export function makeToken(): string {
  return randomBytes(32).toString('base64url')
}
