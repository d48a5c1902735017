// How many messages of a room were not seen. What was there at the first visit counts as seen.

/**
 * @param {import('../model/store.js').State} state
 * @param {import('../model/store.js').Room} room
 */
export const unreadOf = ({ seen }, { roomId, messages }) => Math.max(0, messages - (seen[roomId] ?? 0))
