// Text to print, as data: pieces with a style. Colours are added when it is written, and only there.
// Invariant: every piece is made safe when it is flattened, so text from outside never reaches a terminal unescaped.

import { safeText, wordsOfText } from '@tidings/node/output'
import { cutToWidth, textWidth } from './text-width.ts'

/** A style of text. */
export type Style = 'bold' | 'dim' | 'red' | 'green' | 'yellow' | 'blue' | 'magenta' | 'cyan'

/** A piece of text with its styles. */
export interface Piece {
  readonly text: string
  readonly styles: readonly Style[]
}

/** Anything that can be printed: a string, a piece, or a list of texts. */
export type Text = string | Piece | readonly Text[]

const codes: Readonly<Record<Style, readonly [open: number, close: number]>> = {
  bold: [1, 22],
  dim: [2, 22],
  red: [31, 39],
  green: [32, 39],
  yellow: [33, 39],
  blue: [34, 39],
  magenta: [35, 39],
  cyan: [36, 39],
}

/** Adds styles to a text; its pieces keep their own. */
export function styled(text: Text, ...styles: readonly Style[]): Text {
  return raw(text).map((piece) => ({ text: piece.text, styles: [...piece.styles, ...styles] }))
}

/** Bold text. */
export const bold = (text: Text): Text => styled(text, 'bold')
/** Dim text: what matters less. */
export const dim = (text: Text): Text => styled(text, 'dim')
/** Red text: a failure. */
export const red = (text: Text): Text => styled(text, 'red')
/** Green text: success. */
export const green = (text: Text): Text => styled(text, 'green')
/** Yellow text: needs attention. */
export const yellow = (text: Text): Text => styled(text, 'yellow')
/** Cyan text: names of events. */
export const cyan = (text: Text): Text => styled(text, 'cyan')
/** Magenta text: names of commands. */
export const magenta = (text: Text): Text => styled(text, 'magenta')
/** Blue text: addresses. */
export const blue = (text: Text): Text => styled(text, 'blue')

/** Joins texts with a separator. */
export function joined(texts: readonly Text[], separator: Text): Text {
  return texts.flatMap((text, index) => (index === 0 ? [text] : [separator, text]))
}

/** The pieces of a text, safe to print. */
export function piecesOf(text: Text): readonly Piece[] {
  return raw(text)
    .filter((piece) => piece.text !== '')
    .map((piece) => ({ text: safeText(piece.text), styles: piece.styles }))
}

function raw(text: Text): readonly Piece[] {
  if (typeof text === 'string') return [{ text, styles: [] }]
  if (isPiece(text)) return [text]
  return text.flatMap(raw)
}

function isPiece(text: Piece | readonly Text[]): text is Piece {
  return !Array.isArray(text)
}

/** The width of a text in columns. */
export function widthOf(text: Text): number {
  return piecesOf(text).reduce((width, piece) => width + textWidth(piece.text), 0)
}

/** Pads a text to a width, in columns. */
export function padded(text: Text, width: number, align: 'left' | 'right' = 'left'): Text {
  const space = ' '.repeat(Math.max(0, width - widthOf(text)))
  return align === 'left' ? [text, space] : [space, text]
}

/** Cuts a text to at most `width` columns and marks the cut with `…`. */
export function shortened(text: Text, width: number): Text {
  if (widthOf(text) <= width) return text
  const kept: Piece[] = []
  let left = Math.max(0, width - 1)
  for (const piece of piecesOf(text)) {
    const part = cutToWidth(piece.text, left)
    if (part !== '') kept.push({ ...piece, text: part })
    left -= textWidth(part)
    if (part !== piece.text) break
  }
  return [...kept, '…']
}

/**
 * Breaks a text into lines of at most `width` columns. A command in backquotes is one word, so that it can be copied. Two spaces separate fields: a
 * field that does not fit after the previous one begins a new line; one that is longer than a line breaks at its spaces.
 */
export function wrapped(text: Text, width: number): readonly Text[] {
  const lines: Piece[][] = [[]]
  let used = 0
  for (const { text: word, styles, needed } of wordsOf(text, width)) {
    let rest = word
    if (used > 0 && used + needed > width) {
      lines.push([])
      used = 0
    }
    while (textWidth(rest.trimEnd()) > width) {
      const part = cutToWidth(rest, width) || rest
      lines.at(-1)?.push({ text: part, styles })
      lines.push([])
      rest = rest.slice(part.length)
    }
    lines.at(-1)?.push({ text: rest, styles })
    used += textWidth(rest)
  }
  return lines
}

interface Word extends Piece {
  /** How many columns it needs on its line. If it begins a field, these are the columns of the whole field. */
  readonly needed: number
}

function wordsOf(text: Text, width: number): readonly Word[] {
  const words = piecesOf(text).flatMap(({ text: piece, styles }) =>
    wordsOfText(piece, (word) => textWidth(word) <= width).map((word) => ({ text: word, styles })),
  )
  const isGap = (index: number): boolean =>
    words[index]?.text === ' ' && (words[index - 1]?.text.endsWith(' ') === true || words[index + 1]?.text === ' ')
  return words.map((word, index) => {
    const own = textWidth(word.text.trimEnd())
    if (isGap(index) || (index > 0 && !isGap(index - 1))) return { ...word, needed: own }
    let end = index + 1
    while (end < words.length && !isGap(end)) end++
    const field = words.slice(index, end).map((each) => each.text)
    const all = textWidth(field.join('').trimEnd())
    return { ...word, needed: all <= width ? all : own }
  })
}

/** Puts texts side by side, in lines of at most `width` columns; no text is broken. */
export function filled(texts: readonly Text[], separator: string, width: number): readonly Text[] {
  const lines: Text[][] = []
  let used = 0
  for (const text of texts) {
    const needed = separator.length + widthOf(text)
    if (lines.length === 0 || used + needed > width) {
      lines.push([text])
      used = needed - separator.length
    } else {
      lines.at(-1)?.push(separator, text)
      used += needed
    }
  }
  return lines
}

/** A text as a string, with or without colours. */
export function rendered(text: Text, colours: boolean): string {
  const pieces = piecesOf(text)
  if (!colours) return pieces.map((piece) => piece.text).join('')
  return pieces
    .map((piece) => {
      const open = piece.styles.map((each) => `\u001b[${codes[each][0]}m`).join('')
      const close = [...piece.styles].reverse().map((each) => `\u001b[${codes[each][1]}m`)
      return `${open}${piece.text}${close.join('')}`
    })
    .join('')
}
