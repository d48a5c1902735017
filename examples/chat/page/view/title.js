// The title of the window: the current room and the number of unread messages.
import { unreadOf } from './unread.js'

/** @param {import('../model/store.js').State} state */
export function titleOf(state) {
  const title = state.roomId === null ? undefined : state.rooms.get(state.roomId)?.title
  const unread = [...state.rooms.values()].reduce((sum, room) => sum + unreadOf(state, room), 0)
  return `${unread > 0 ? `(${unread}) ` : ''}${title === undefined ? 'Chat' : `${title} · Chat`}`
}
