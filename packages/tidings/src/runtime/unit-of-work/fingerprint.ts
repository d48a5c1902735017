// A short fingerprint of a text: enough to detect that an idempotency key is used again for another input. Not for security.

/** FNV-1a with 64 bits over UTF-16 units, as two 32-bit halves (http://www.isthe.com/chongo/tech/comp/fnv/), with the length. */
export function fingerprint(text: string): string {
  let low = 0x84222325
  let high = 0xcbf29ce4
  for (let i = 0; i < text.length; i++) {
    low ^= text.charCodeAt(i)
    // Multiplies by the FNV prime 2^40 + 0x1b3 in two halves.
    const product = low * 0x1b3
    const carry = Math.floor(product / 0x100000000)
    high = (Math.imul(high, 0x1b3) + carry + (low << 8)) >>> 0
    low = product >>> 0
  }
  return `${high.toString(16).padStart(8, '0')}${low.toString(16).padStart(8, '0')}-${text.length}`
}
