// The width of text in a terminal: two columns for East Asian wide characters and emoji, none for combining characters.

const graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' })
const combining = /^[\p{Mark}\p{Format}]+$/u
const wide =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\u33ff\u3400-\u4dbf\u4e00-\u9fff\ua000-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|[\u{20000}-\u{3fffd}]|\p{Emoji_Presentation}/u
const plain = /^[\x20-\x7e]*$/

/** The width of a text in columns. */
export function textWidth(text: string): number {
  if (plain.test(text)) return text.length
  let width = 0
  for (const { segment } of graphemes.segment(text)) width += graphemeWidth(segment)
  return width
}

/** The beginning of a text that fits into `width` columns. */
export function cutToWidth(text: string, width: number): string {
  if (plain.test(text)) return text.slice(0, Math.max(0, width))
  let used = 0
  for (const { segment, index } of graphemes.segment(text)) {
    used += graphemeWidth(segment)
    if (used > width) return text.slice(0, index)
  }
  return text
}

function graphemeWidth(grapheme: string): number {
  if (combining.test(grapheme)) return 0
  return wide.test(grapheme) ? 2 : 1
}
