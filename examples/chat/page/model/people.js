// The names and colours of people.

/** @typedef {import('./store.js').State} State */

/** The current name of a member. @param {State} state @param {string} memberId */
export const nameOf = ({ members }, memberId) => members.get(memberId)?.name ?? 'Somebody'

/**
 * The name of an author at the time of the message; if it was not known then, their current name.
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

/** Names as a list: "Ann, Bob and Cid". @param {readonly string[]} names */
export const listed = (names) => new Intl.ListFormat('en', { type: 'conjunction' }).format(names)
