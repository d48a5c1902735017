// The allowed media types, and how each is recognised by its bytes. All others are refused.
// Signatures: PNG (W3C PNG 3, 5.2), JPEG (ITU T.81, B.1.1.3), GIF89a (17), WebP (RFC 9649, 2.4), PDF (ISO 32000-1, 7.5.2).

/** An allowed media type. */
export interface MediaType {
  /** Its file extensions, in lower case. */
  readonly extensions: readonly string[]
  readonly isText: boolean
  /** Whether a content is of this type, by its first bytes. */
  readonly isIn: (bytes: Uint8Array) => boolean
}

const startsWith = (bytes: Uint8Array, signature: readonly number[], from = 0): boolean =>
  signature.every((byte, index) => bytes[from + index] === byte)

const ascii = (text: string): readonly number[] => [...text].map((character) => character.charCodeAt(0))

const image = (extensions: readonly string[], isIn: MediaType['isIn']): MediaType => ({
  extensions,
  isText: false,
  isIn,
})

/** The allowed media types by their names. */
export const mediaTypes: ReadonlyMap<string, MediaType> = new Map([
  ['image/png', image(['png'], (bytes) => startsWith(bytes, [0x89, ...ascii('PNG\r\n'), 0x1a, 0x0a]))],
  ['image/jpeg', image(['jpg', 'jpeg'], (bytes) => startsWith(bytes, [0xff, 0xd8, 0xff]))],
  ['image/gif', image(['gif'], (bytes) => startsWith(bytes, ascii('GIF87a')) || startsWith(bytes, ascii('GIF89a')))],
  ['image/webp', image(['webp'], (bytes) => startsWith(bytes, ascii('RIFF')) && startsWith(bytes, ascii('WEBP'), 8))],
  ['application/pdf', { extensions: ['pdf'], isText: false, isIn: (bytes) => startsWith(bytes, ascii('%PDF-')) }],
  ['text/plain', { extensions: ['txt', 'log', 'md'], isText: true, isIn: isPlainText }],
])

// Valid UTF-8 without control characters except tabs and line ends, and not the beginning of a script or a page.
function isPlainText(bytes: Uint8Array): boolean {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes)
    return !/[^\P{Cc}\t\n\r\f]/u.test(text) && !/^\s*(?:#!|<\?php|<!doctype html|<html|<script|<svg)/i.test(text)
  } catch {
    return false
  }
}
