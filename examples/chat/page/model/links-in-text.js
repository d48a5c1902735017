// Finds the addresses in a text. Only http and https addresses become links; everything else stays text.

const address = /https?:\/\/[^\s<>"'`\p{Cc}\p{Cf}]+/giu
const trailing = /[.,;:!?…)\]}'"»”]+$/u

/**
 * @param {string} text
 * @returns {readonly { text: string, href?: string }[]} pieces that make up the text
 */
export function piecesOf(text) {
  /** @type {{ text: string, href?: string }[]} */
  const pieces = []
  let end = 0
  for (const found of text.matchAll(address)) {
    const shown = trimmed(found[0])
    const href = hrefOf(shown)
    if (href === undefined) continue
    if (found.index > end) pieces.push({ text: text.slice(end, found.index) })
    pieces.push({ text: shown, href })
    end = found.index + shown.length
  }
  if (end < text.length) pieces.push({ text: text.slice(end) })
  return pieces
}

// A full stop after an address ends the sentence; a closing bracket belongs to the address if the address opened it.
/** @param {string} found */
function trimmed(found) {
  const cut = found.replace(trailing, '')
  const opened = cut.split('(').length - cut.split(')').length
  return opened > 0 && found[cut.length] === ')' ? `${cut})` : cut
}

/** @param {string} text */
function hrefOf(text) {
  if (!URL.canParse(text)) return undefined
  const { protocol, href, hostname } = new URL(text)
  return (protocol === 'http:' || protocol === 'https:') && hostname !== '' ? href : undefined
}
