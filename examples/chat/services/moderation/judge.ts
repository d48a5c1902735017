// Judges an attachment by its content, not by what its sender claims. Invariant: pure; the same attachment has the same verdict.
import { mediaTypes } from './media-types.ts'
import { isRiskyName } from './risky-names.ts'

/** An attachment to judge. */
export interface Judged {
  readonly fileName: string
  readonly mediaType: string
  /** Base64. */
  readonly content: string
}

/** The largest content that is allowed, in bytes. */
export const bytesMax = 102_400

// A short list: no simple filter catches everything. These are phrases of well-known frauds.
const forbidden = ['free bitcoin', 'wire transfer fee', 'verify your password', 'seed phrase']

/** The reasons why an attachment is refused, for people; none if it is allowed. */
export function judge({ fileName, mediaType, content }: Judged): readonly string[] {
  const bytes = bytesOf(content)
  const type = mediaTypes.get(mediaType)
  const reasons: string[] = []
  if (bytes.length === 0) reasons.push('The file is empty.')
  if (bytes.length > bytesMax) reasons.push(`The file has more than ${bytesMax} bytes.`)
  if (isRiskyName(fileName)) reasons.push('The name of the file could hide a program.')
  if (type === undefined) reasons.push(`Files of the type ${mediaType} are not allowed here.`)
  else {
    if (!type.isIn(bytes)) reasons.push(`The content of the file is not of the type ${mediaType}.`)
    if (!type.extensions.includes(extensionOf(fileName)))
      reasons.push(`The name of the file does not match its type, ${mediaType}.`)
    if (type.isText && saysForbidden(bytes)) reasons.push('The text contains a phrase that is not allowed here.')
  }
  return reasons
}

function bytesOf(base64: string): Uint8Array {
  return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0))
}

function extensionOf(fileName: string): string {
  return /\.([^.]+)$/.exec(fileName)?.[1]?.toLowerCase() ?? ''
}

function saysForbidden(bytes: Uint8Array): boolean {
  const text = new TextDecoder().decode(bytes).normalize('NFKC').toLowerCase().replace(/\s+/g, ' ')
  return forbidden.some((words) => text.includes(words))
}
