// How many messages of a room were not seen. A room that was never looked at counts from the first look at the list.

/**
 * @param {import('../model/store.js').State} state
 * @param {import('../model/store.js').Room} room
 */
export const unreadOf = ({ seen }, { roomId, messages }) => Math.max(0, messages - (seen[roomId] ?? 0))
