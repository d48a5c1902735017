// The token of a control endpoint: made anew at every start, compared in constant time.

import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'

/** A token of 256 random bits. */
export function makeToken(): string {
  return randomBytes(32).toString('base64url')
}

/** Whether an `Authorization` header bears the token; how long that takes says nothing about it. */
export function bearsToken(header: string | undefined, token: string): boolean {
  const given = /^Bearer ([A-Za-z0-9_-]{1,200})$/i.exec(header ?? '')?.[1] ?? ''
  return timingSafeEqual(digest(given), digest(token))
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest()
}
