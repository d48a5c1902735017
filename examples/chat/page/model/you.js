// The member who uses this browser: a random id that the browser stores, a name, and quiet hours.
import { command } from './api.js'
import { randomId } from './ids.js'
import { keep } from './kept.js'
import { ownTimeZone } from './time.js'

/** @typedef {{ from: string, to: string } | null} QuietHours */

/** @param {import('./store.js').Store} store */
export function youActions(store) {
  return {
    /** Registers the member again; if nothing has changed, nothing happens. */
    comeBack() {
      const { me } = store.state
      if (me !== null) command('members', 'register-member', { memberId: me.memberId, name: me.name }).catch(() => {})
    },

    /**
     * Sets the name and quiet hours; returns the reason if that fails.
     * @param {string} wanted
     * @param {QuietHours} quietHours
     * @returns {Promise<string | null>}
     */
    async introduce(wanted, quietHours) {
      const name = wanted.trim()
      if (name === '') return 'Write a name.'
      const { me } = store.state
      const memberId = me?.memberId ?? randomId()
      const timeZone = ownTimeZone()
      try {
        if (me === null) await command('members', 'register-member', { memberId, name, timeZone, quietHours })
        else {
          if (me.name !== name) await command('members', 'rename-member', { memberId, name })
          await command('members', 'set-quiet-hours', { memberId, quietHours, timeZone })
        }
      } catch (error) {
        return error instanceof Error ? error.message : String(error)
      }
      keep('me', { memberId, name })
      store.set({ me: { memberId, name }, dialog: null })
      return null
    },
  }
}
