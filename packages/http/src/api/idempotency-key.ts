// The header Idempotency-Key: one string as RFC 8941 writes it, in double quotes, with parameters that mean nothing here
// (https://datatracker.ietf.org/doc/draft-ietf-httpapi-idempotency-key-header). Most programs leave out the quotes, so a plain text is a key too,
// unless it could be two headers that were joined, or a key with parameters.

import { TidingsError } from 'tidings'
import { checkKey } from 'tidings/contracts'

const text = String.raw`"((?:[ !#-[\]-~]|\\["\\])*)"`
const value = [
  String.raw`-?\d{1,15}(?:\.\d{1,3})?`,
  text.replace('((?:', '(?:(?:'),
  String.raw`[A-Za-z*][!#$%&'*+.^_\x60|~0-9A-Za-z:/-]*`,
  ':[A-Za-z0-9+/=]*:',
  String.raw`\?[01]`,
].join('|')
const stringForm = new RegExp(`^${text}(?:; *[a-z*][a-z0-9_.*-]*(?:=(?:${value}))?)*$`)

/** The key that a header carries; throws `INVALID_KEY`. */
export function idempotencyKeyOf(header: string): string {
  const quoted = stringForm.exec(header)?.[1]
  if (quoted !== undefined) return checkKey('the header Idempotency-Key', quoted.replaceAll(/\\(["\\])/g, '$1'))
  if (/^"|[,;]/.test(header)) {
    throw new TidingsError('INVALID_KEY', 'The header Idempotency-Key is not one key in double quotes.', {
      hint: 'Send it once, as "8e03978e-40d5-43dd-bc93-6894a57f9324", with \\" for a quote and \\\\ for a backslash in it.',
    })
  }
  return checkKey('the header Idempotency-Key', header)
}
