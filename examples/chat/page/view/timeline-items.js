// Computes the items of a room's timeline, in order: days, messages, quiet lines, impulses. Pure.
import { authorOf, nameOf } from '../model/people.js'
import { repliesOf, sizesOf } from '../model/thread.js'
import { dayKey, dayOf, timeOf } from '../model/time.js'

/** @typedef {import('../model/store.js').State} State */

/**
 * @typedef {object} MessageItem
 * @property {'message'} kind
 * @property {string} id
 * @property {string} at
 * @property {import('../model/store.js').Message} message
 * @property {string} author
 * @property {boolean} isGrouped Whether it continues the message above, so its author is not named again.
 * @property {number} replies The number of answers, if it is not obvious; for the first message of a conversation, all messages that follow.
 * @property {string | null} answersId The message it answers, unless that is right above.
 */
/** @typedef {{ kind: 'impulse', id: string, at: string, impulse: import('../model/store.js').Impulse }} ImpulseItem */
/** @typedef {{ kind: 'entered' | 'left' | 'notice', id: string, at: string, text: string, time: string }} LineItem */
/** @typedef {{ kind: 'day', id: string, at: string, text: string }} DayItem */
/** @typedef {MessageItem | ImpulseItem | LineItem | DayItem} Item */

/** Messages of one author closer than this are one group. */
const groupMs = 5 * 60_000

/** @param {State} state @returns {readonly Item[]} */
export function timelineOf(state) {
  const replies = repliesOf(state)
  const sizes = sizesOf(state)
  /** @type {Item[]} */
  const items = []
  /** @type {MessageItem | undefined} */
  let above
  let day = ''
  for (const found of inOrder(state)) {
    const key = dayKey(found.at)
    if (key !== day) {
      items.push({ kind: 'day', id: `day ${key}`, at: found.at, text: dayOf(found.at) })
      day = key
      above = undefined
    }
    if (found.kind === 'impulse' || found.kind === 'line') {
      const item = found.kind === 'impulse' ? impulseItem(found) : lineItem(state, found.entry)
      // A nudge for somebody else does not split a group.
      if (found.kind === 'line' || found.impulse.to === state.me?.memberId) above = undefined
      items.push(item)
      continue
    }
    const { message } = found
    const answers = state.links.get(message.messageId)?.answersId ?? null
    const isNear = above !== undefined && Date.parse(message.at) - Date.parse(above.at) < groupMs
    /** @type {MessageItem} */
    const item = {
      ...{ kind: 'message', id: message.place, at: message.at, message, author: authorOf(state, message) },
      isGrouped: isNear && above?.message.authorId === message.authorId && !message.action && !above.message.action,
      replies: answers === null ? (sizes.get(message.messageId) ?? 1) - 1 : (replies.get(message.messageId) ?? 0),
      answersId: answers === above?.message.messageId ? null : answers,
    }
    if (above !== undefined && answers === above.message.messageId && !isRoot(state, answers) && above.replies === 1)
      above.replies = 0
    items.push(item)
    above = item
  }
  return items
}

/** @param {State} state @param {string} messageId */
const isRoot = ({ links }, messageId) => links.get(messageId)?.answersId === null

/** @param {State} state */
function inOrder({ entries, impulses }) {
  const found = [
    ...[...entries.values()].map((entry) =>
      entry.kind === 'message'
        ? { kind: /** @type {const} */ ('message'), at: entry.at, order: entry.place, message: entry }
        : { kind: /** @type {const} */ ('line'), at: entry.at, order: entry.place, entry },
    ),
    ...[...impulses.values()].map((impulse) => ({
      ...{ kind: /** @type {const} */ ('impulse'), at: impulse.deliveredAt, order: impulse.impulseId, impulse },
    })),
  ]
  const first = [...entries.values()].reduce((least, { at }) => (at < least ? at : least), '9')
  // Nudges that are older than the first loaded entry are shown when that part is loaded.
  return found
    .filter(({ kind, at }) => kind !== 'impulse' || at >= first || entries.size === 0)
    .sort((a, b) => (a.at === b.at ? (a.order < b.order ? -1 : 1) : a.at < b.at ? -1 : 1))
}

/** @param {{ impulse: import('../model/store.js').Impulse }} found @returns {ImpulseItem} */
const impulseItem = ({ impulse }) => ({ kind: 'impulse', id: impulse.impulseId, at: impulse.deliveredAt, impulse })

/**
 * @param {State} state
 * @param {Exclude<import('../model/store.js').RoomEntry, { kind: 'message' }>} entry
 * @returns {LineItem}
 */
function lineItem(state, entry) {
  const { kind, place, at } = entry
  const text =
    entry.kind === 'notice'
      ? entry.text
      : `${nameOf(state, entry.memberId)} ${entry.kind === 'entered' ? 'came in' : 'left'}`
  return { kind, id: place, at, text, time: timeOf(at) }
}
