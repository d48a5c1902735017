// The live queries of the page, and where the rows of each go in the state.

/** @typedef {import('./store.js').RoomEntry} RoomEntry */
/** @typedef {import('./live.js').Part} Part */
/** @typedef {'members' | 'rooms' | 'links' | 'attachments' | 'impulses'} Table */

const newestMax = 100

/**
 * @param {import('./store.js').Store} store
 * @param {string | null} roomId
 * @param {{ afterRooms: () => void, afterEntries: () => void }} then
 * @returns {readonly Part[]}
 */
export function roomParts(store, roomId, { afterRooms, afterEntries }) {
  const rooms = table(store, 'rooms', 'rooms', 'rooms', {}, afterRooms)
  const members = table(store, 'members', 'members', 'member-list', {})
  if (roomId === null) return [rooms, members]
  return [
    rooms,
    members,
    entries(store, roomId, afterEntries),
    table(store, 'links', 'threads', 'room-links', { roomId }),
    table(store, 'attachments', 'attachments', 'room-attachments', { roomId }),
    table(store, 'impulses', 'courier', 'room-impulses', { roomId }),
  ]
}

/**
 * A part whose rows are all kept, as a map by their keys.
 * @param {import('./store.js').Store} store
 * @param {Table} into
 * @param {string} service
 * @param {string} name
 * @param {unknown} input
 * @param {() => void} [then]
 * @returns {Part}
 */
function table(store, into, service, name, input, then = () => {}) {
  const set = (/** @type {Map<string, any>} */ rows) => {
    store.set({ [into]: rows })
    then()
  }
  const copy = () => new Map(/** @type {ReadonlyMap<string, unknown>} */ (store.state[into]))
  return {
    service,
    name,
    input,
    onSnapshot: (rows) => set(new Map(rows.map(({ key, row }) => [idOf(into, key, row), row]))),
    onPut: ({ key, row }) => set(copy().set(idOf(into, key, row), row)),
    onRemove: (key) => {
      const rows = copy()
      rows.delete(key)
      set(rows)
    },
  }
}

// Links are kept by their message; they are never removed.
/** @param {Table} into @param {string} key @param {any} row */
const idOf = (into, key, row) => (into === 'links' ? row.messageId : key)

/**
 * The entries of a room: the newest are live, older ones are queried.
 * @param {import('./store.js').Store} store
 * @param {string} roomId
 * @param {() => void} then
 * @returns {Part}
 */
function entries(store, roomId, then) {
  return {
    service: 'rooms',
    name: 'room-entries',
    input: { roomId },
    onSnapshot(rows) {
      const { entries: before, loaded, hasOlder } = store.state
      const now = new Map(rows.map(({ key, row }) => [key, /** @type {RoomEntry} */ (row)]))
      const [first] = [...now.keys()].sort()
      const isFull = rows.length >= newestMax
      // Older entries are kept if they join the snapshot without a gap; otherwise they are queried again.
      const joins = loaded && isFull && first !== undefined && before.has(first)
      if (joins) for (const [place, entry] of before) if (place < first) now.set(place, entry)
      store.set({ entries: now, loaded: true, hasOlder: joins ? hasOlder : isFull })
      then()
    },
    onPut({ key, row }) {
      const { entries: known, hasOlder } = store.state
      const [first] = [...known.keys()].sort()
      // A change of an entry that is not loaded yet: it is read when it is loaded.
      if (hasOlder && first !== undefined && key < first) return
      store.set({ entries: new Map(known).set(key, /** @type {RoomEntry} */ (row)) })
      then()
    },
    onRemove(key) {
      const now = new Map(store.state.entries)
      now.delete(key)
      store.set({ entries: now })
    },
  }
}
