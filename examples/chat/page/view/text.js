// A text that somebody wrote, set as text. An address in it becomes a link that sends no referrer.
import { html } from '../html.js'
import { piecesOf } from '../model/links-in-text.js'

/** @param {{ text: string }} props */
export const Text = ({ text }) =>
  piecesOf(text).map((piece) =>
    piece.href === undefined
      ? piece.text
      : html`<a href=${piece.href} target="_blank" rel="noopener noreferrer nofollow">${piece.text}</a>`,
  )
