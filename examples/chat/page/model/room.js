// The actions of rooms: reading one live, loading older entries, opening another one. The page's address names the room.
import { command, query } from './api.js'
import { randomId, timedId } from './ids.js'
import { keep, kept } from './kept.js'
import { readLive } from './live.js'
import { roomParts } from './room-parts.js'

const pageSize = 60

/** @param {import('./store.js').Store} store */
export function roomActions(store) {
  let stop = () => {}
  /** A room that was opened on this page but is not in the list yet. */
  let awaited = /** @type {string | null} */ (null)

  /** @param {string | null} roomId */
  const read = (roomId) => {
    stop()
    stop = readLive(roomParts(store, roomId, { afterRooms: settle, afterEntries: see }), {
      onConnection: (connection) => {
        const regained = connection === 'open' && store.state.connection === 'lost'
        store.set({ connection, ...(regained ? { said: 'Connected again.' } : {}) })
      },
      onService: (service, isAway) => {
        const { away } = store.state
        if (away.has(service) === isAway) return
        store.set({ away: new Set(isAway ? [...away, service] : [...away].filter((each) => each !== service)) })
      },
    })
  }

  const goTo = (/** @type {string} */ roomId) => {
    if (roomId === store.state.roomId) return
    keep('room', roomId)
    store.set({
      ...{ roomId, loaded: false, hasOlder: false, loadingOlder: false },
      ...{ entries: new Map(), links: new Map(), attachments: new Map(), impulses: new Map(), fetched: new Map() },
      ...{ threadOf: null, opened: null, active: null },
      dialog: store.state.dialog === 'rooms' ? null : store.state.dialog,
    })
    read(roomId)
  }

  // If the address names an unknown room, the room of the last visit is shown, or the first.
  const settle = () => {
    const { rooms, roomId } = store.state
    // Messages from before the first visit count as seen.
    if (kept('seen') === undefined) {
      const seen = Object.fromEntries([...rooms.values()].map((room) => [room.roomId, room.messages]))
      keep('seen', seen)
      store.set({ seen })
    }
    if (awaited !== null && rooms.has(awaited)) {
      location.hash = awaited
      awaited = null
    }
    if (roomId !== null && rooms.has(roomId)) return see()
    const wanted = [named(), kept('room'), inOrder(rooms)[0]?.roomId].find((id) => id !== undefined && rooms.has(id))
    if (wanted === undefined) return
    if (named() !== wanted) history.replaceState(null, '', `#${wanted}`)
    goTo(wanted)
  }

  const see = () => {
    const { roomId, rooms, seen } = store.state
    const room = roomId === null ? undefined : rooms.get(roomId)
    if (room === undefined || document.hidden || seen[room.roomId] === room.messages) return
    const now = { ...seen, [room.roomId]: room.messages }
    keep('seen', now)
    store.set({ seen: now })
  }

  return {
    /** Follows the rooms, and the address. */
    follow() {
      addEventListener('hashchange', () => {
        const wanted = named()
        if (wanted !== undefined && store.state.rooms.has(wanted)) goTo(wanted)
      })
      document.addEventListener('visibilitychange', see)
      read(null)
    },

    /** @param {string} roomId */
    goTo(roomId) {
      location.hash = roomId
    },

    /** @param {1 | -1} step */
    goBeside(step) {
      const rooms = inOrder(store.state.rooms)
      const index = rooms.findIndex(({ roomId }) => roomId === store.state.roomId)
      const next = rooms[(index + step + rooms.length) % rooms.length]
      if (next !== undefined) location.hash = next.roomId
    },

    /** Loads older entries. */
    async older() {
      const { roomId, entries, hasOlder, loadingOlder } = store.state
      const [first] = [...entries.keys()].sort()
      if (roomId === null || !hasOlder || loadingOlder || first === undefined) return
      store.set({ loadingOlder: true })
      try {
        const found = await query('rooms', 'room-messages', { roomId, before: first, limit: pageSize })
        if (store.state.roomId !== roomId) return
        const more = new Map(store.state.entries)
        for (const entry of found) more.set(entry.place, entry)
        store.set({ entries: more, hasOlder: found.length === pageSize })
      } catch {
        store.set({ said: 'Earlier messages could not be read.' })
      } finally {
        if (store.state.roomId === roomId) store.set({ loadingOlder: false })
      }
    },

    /**
     * Opens a room; returns the reason if that fails.
     * @param {string} title
     * @returns {Promise<string | null>}
     */
    async openRoom(title) {
      const roomId = `${slugOf(title)}-${randomId().slice(0, 6)}`
      try {
        await command('rooms', 'open-room', { roomId, title }, `open/${roomId}`)
        awaited = roomId
        settle()
        await enter(store, roomId)
        return null
      } catch (error) {
        return error instanceof Error ? error.message : String(error)
      }
    },

    /** Enters the room, once and not at each visit. */
    enter: () => enter(store, store.state.roomId),

    async leave() {
      const { me, roomId } = store.state
      if (me === null || roomId === null || !isIn(roomId)) return
      keep('in', { ...kept('in'), [roomId]: false })
      await say(store, () => command('rooms', 'leave-room', { roomId, memberId: me.memberId, entryId: timedId() }))
    },
  }
}

/** Whether the member has entered a room. @param {string} roomId */
export const isIn = (roomId) => kept('in')?.[roomId] === true

/**
 * @param {import('./store.js').Store} store
 * @param {string | null} roomId
 */
async function enter(store, roomId) {
  const { me } = store.state
  if (me === null || roomId === null || isIn(roomId)) return
  keep('in', { ...kept('in'), [roomId]: true })
  await say(store, () => command('rooms', 'enter-room', { roomId, memberId: me.memberId, entryId: timedId() }))
}

/**
 * @param {import('./store.js').Store} store
 * @param {() => Promise<unknown>} run
 */
async function say(store, run) {
  try {
    await run()
  } catch (error) {
    store.set({ said: error instanceof Error ? error.message : String(error) })
  }
}

/** The rooms in the order they were opened. @param {import('./store.js').State['rooms']} rooms */
export const inOrder = (rooms) =>
  [...rooms.values()].sort((a, b) => a.openedAt.localeCompare(b.openedAt) || a.roomId.localeCompare(b.roomId))

function named() {
  const name = location.hash.slice(1)
  return name === '' ? undefined : name
}

/** @param {string} title */
function slugOf(title) {
  const slug = title
    .normalize('NFKD')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
  return slug.slice(0, 40) || 'room'
}
