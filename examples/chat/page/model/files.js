// Files that are added to messages. Invariant: a file is shown as an image only if moderation allowed it and it has one of four types; other
// files can be saved, and the page never opens them.
import { query } from './api.js'

/** The limit of `attachments`. */
const bytesMax = 102_400
const imageTypes = ['image/png', 'image/jpeg', 'image/gif', 'image/webp']
const typesByEnd = /** @type {Record<string, string>} */ ({ md: 'text/plain', log: 'text/plain', txt: 'text/plain' })

/**
 * The reason why a file cannot be added; `null` if it can.
 * @param {File} file
 */
export function fileProblem(file) {
  if (file.size > bytesMax) return `“${file.name}” has ${Math.ceil(file.size / 1024)} KB; at most 100 KB can be added.`
  return file.size === 0 ? `“${file.name}” is empty.` : null
}

/**
 * A file as input of `add-attachment`.
 * @param {File} file
 */
export async function filePayload(file) {
  const bytes = new Uint8Array(await file.arrayBuffer())
  const end = file.name.split('.').at(-1)?.toLowerCase() ?? ''
  const binary = Array.from(bytes, (byte) => String.fromCharCode(byte)).join('')
  return {
    fileName: file.name.replace(/[\p{Cc}/\\]/gu, '_').slice(0, 200),
    mediaType: typesByEnd[end] ?? (file.type || 'application/octet-stream'),
    content: btoa(binary),
  }
}

/** @type {Map<string, Promise<string | null>>} */
const addresses = new Map()

/**
 * An address to show or save an allowed file; `null` if it cannot be read now.
 * @param {import('./store.js').Attachment} attachment
 */
export function addressOf({ attachmentId, mediaType }) {
  const known = addresses.get(attachmentId)
  if (known !== undefined) return known
  const made = query('attachments', 'attachment-by-id', { attachmentId }).then(
    ({ content }) => {
      if (content === null) return null
      const bytes = Uint8Array.from(atob(content), (unit) => unit.charCodeAt(0))
      // Other types are served as plain bytes, so that the browser never runs them.
      return URL.createObjectURL(
        new Blob([bytes], { type: isImage(mediaType) ? mediaType : 'application/octet-stream' }),
      )
    },
    () => {
      addresses.delete(attachmentId)
      return null
    },
  )
  addresses.set(attachmentId, made)
  return made
}

/** @param {string} mediaType */
export const isImage = (mediaType) => imageTypes.includes(mediaType)
