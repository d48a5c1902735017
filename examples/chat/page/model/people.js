// What people are called, and the colour that each has.

/** @typedef {import('./store.js').State} State */

/** What a member is called now. @param {State} state @param {string} memberId */
export const nameOf = ({ members }, memberId) => members.get(memberId)?.name ?? 'Somebody'

/**
 * What an author is called: as they were when they spoke. One of whom nothing had been heard then is called as they are now.
 * @param {State} state
 * @param {{ authorId: string, authorName: string }} message
 */
export const authorOf = (state, { authorId, authorName }) =>
  authorName === authorId ? nameOf(state, authorId) : authorName

/** A hue of the colour circle, always the same for one member. @param {string} memberId */
export function hueOf(memberId) {
  let hash = 7
  for (const unit of memberId) hash = (hash * 31 + (unit.codePointAt(0) ?? 0)) % 9973
  return (hash * 137) % 360
}

/** The letter that stands for a name. @param {string} name */
export const initialOf = (name) => [...name.trim()].find((unit) => /[\p{L}\p{N}]/u.test(unit))?.toUpperCase() ?? '·'

/** Names as one says them: "Ann, Bob and Cid". @param {readonly string[]} names */
export const listed = (names) => new Intl.ListFormat('en', { type: 'conjunction' }).format(names)
