// All actions of the page.
import { composeActions } from './composing.js'
import { kept } from './kept.js'
import { roomActions } from './room.js'
import { threadActions } from './thread.js'
import { youActions } from './you.js'

/** @typedef {ReturnType<typeof createActions>} Actions */

/** @param {import('./store.js').Store} store */
export function createActions(store) {
  const room = roomActions(store)
  const you = youActions(store)
  const thread = threadActions(store)
  return {
    ...room,
    ...you,
    ...thread,
    ...composeActions(store),

    begin() {
      store.set({ me: kept('me') ?? null, seen: kept('seen') ?? {} })
      you.comeBack()
      room.follow()
      if (store.state.me === null) store.set({ dialog: 'you' })
    },

    /** @param {import('./store.js').State['dialog']} dialog */
    show(dialog) {
      store.set({ dialog })
    },

    /** @param {string | null} place */
    activate(place) {
      if (store.state.active !== place) store.set({ active: place })
    },

    /**
     * @param {string | null} messageId
     * @param {boolean} [confirming]
     */
    open(messageId, confirming = false) {
      store.set({ opened: messageId === null ? null : { messageId, confirming } })
    },
  }
}
