// What is printed, as data: pieces of text with a look. Colours are added when it is written, and only there.
// Invariant: every piece is made safe when it is flattened, so no text from elsewhere reaches a terminal as it came.

import { safeText } from './safe-text.ts'
import { cutToWidth, textWidth } from './text-width.ts'

/** How a piece of text looks. */
export type Look = 'bold' | 'dim' | 'red' | 'green' | 'yellow' | 'blue' | 'magenta' | 'cyan'

/** A piece of text with its looks. */
export interface Piece {
  readonly text: string
  readonly looks: readonly Look[]
}

/** Anything that can be printed: text, pieces, or any of them one after the other. */
export type Text = string | Piece | readonly Text[]

const codes: Readonly<Record<Look, readonly [open: number, close: number]>> = {
  bold: [1, 22],
  dim: [2, 22],
  red: [31, 39],
  green: [32, 39],
  yellow: [33, 39],
  blue: [34, 39],
  magenta: [35, 39],
  cyan: [36, 39],
}

/** Gives a text a look, on top of those its pieces have. */
export function look(text: Text, ...looks: readonly Look[]): Text {
  return raw(text).map((piece) => ({ text: piece.text, looks: [...piece.looks, ...looks] }))
}

/** Bold text. */
export const bold = (text: Text): Text => look(text, 'bold')
/** Text of less weight. */
export const dim = (text: Text): Text => look(text, 'dim')
/** Red text: what failed. */
export const red = (text: Text): Text => look(text, 'red')
/** Green text: what went well. */
export const green = (text: Text): Text => look(text, 'green')
/** Yellow text: what to look at. */
export const yellow = (text: Text): Text => look(text, 'yellow')
/** Cyan text: names of events. */
export const cyan = (text: Text): Text => look(text, 'cyan')
/** Magenta text: names of commands. */
export const magenta = (text: Text): Text => look(text, 'magenta')
/** Blue text: addresses. */
export const blue = (text: Text): Text => look(text, 'blue')

/** Texts one after the other with a separator between them. */
export function joined(texts: readonly Text[], separator: Text): Text {
  return texts.flatMap((text, index) => (index === 0 ? [text] : [separator, text]))
}

/** The pieces of a text, safe to print. */
export function piecesOf(text: Text): readonly Piece[] {
  return raw(text)
    .filter((piece) => piece.text !== '')
    .map((piece) => ({ text: safeText(piece.text), looks: piece.looks }))
}

function raw(text: Text): readonly Piece[] {
  if (typeof text === 'string') return [{ text, looks: [] }]
  if (isPiece(text)) return [text]
  return text.flatMap(raw)
}

function isPiece(text: Piece | readonly Text[]): text is Piece {
  return !Array.isArray(text)
}

/** How many columns a text takes. */
export function widthOf(text: Text): number {
  return piecesOf(text).reduce((width, piece) => width + textWidth(piece.text), 0)
}

/** A text that fills so many columns. */
export function padded(text: Text, width: number, align: 'left' | 'right' = 'left'): Text {
  const space = ' '.repeat(Math.max(0, width - widthOf(text)))
  return align === 'left' ? [text, space] : [space, text]
}

/** A text of at most so many columns; what is left out is marked by `…`. */
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

/** A text in lines of at most so many columns, broken at spaces where there are any. */
export function wrapped(text: Text, width: number): readonly Text[] {
  const lines: Piece[][] = [[]]
  let used = 0
  for (const { text: words, looks } of piecesOf(text)) {
    for (const word of words.split(/(?<= )/)) {
      let rest = word
      if (used > 0 && used + textWidth(rest.trimEnd()) > width) {
        lines.push([])
        used = 0
      }
      while (textWidth(rest.trimEnd()) > width) {
        const part = cutToWidth(rest, width) || rest
        lines.at(-1)?.push({ text: part, looks })
        lines.push([])
        rest = rest.slice(part.length)
      }
      lines.at(-1)?.push({ text: rest, looks })
      used += textWidth(rest)
    }
  }
  return lines
}

/** Texts side by side, in lines of at most so many columns; a text is never broken. */
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

/** A text as it is written, with or without colours. */
export function rendered(text: Text, colours: boolean): string {
  const pieces = piecesOf(text)
  if (!colours) return pieces.map((piece) => piece.text).join('')
  return pieces
    .map((piece) => {
      const open = piece.looks.map((each) => `\u001b[${codes[each][0]}m`).join('')
      const close = [...piece.looks].reverse().map((each) => `\u001b[${codes[each][1]}m`)
      return `${open}${piece.text}${close.join('')}`
    })
    .join('')
}
