// The number of unread messages of a room. Messages from before the first visit count as seen.

/**
 * @param {import('../model/store.js').State} state
 * @param {import('../model/store.js').Room} room
 */
export const unreadOf = ({ seen }, { roomId, messages }) => Math.max(0, messages - (seen[roomId] ?? 0))
