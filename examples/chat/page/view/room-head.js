// The head of a room: its title, and buttons for the other rooms and the help.
import { html } from '../html.js'
import { isIn } from '../model/room.js'
import { menuIcon } from './icons.js'

/** @param {import('./app.js').Props} props */
export function RoomHead({ state, act }) {
  const room = state.roomId === null ? undefined : state.rooms.get(state.roomId)
  const unread = [...state.rooms.values()].some(
    ({ roomId, messages }) => roomId !== state.roomId && messages > (state.seen[roomId] ?? 0),
  )
  return html`<header class="room-head">
    ${
      state.width === 'narrow' &&
      html`<button class="icon-button" aria-label=${unread ? 'Rooms, some unread' : 'Rooms'} aria-haspopup="dialog" onClick=${() => act.show('rooms')}>
        <span class=${unread ? 'has-news' : ''}>${menuIcon()}</span>
      </button>`
    }
    <h1 dir="auto">${room?.title ?? 'Chat'}</h1>
    ${
      room !== undefined &&
      state.me !== null &&
      isIn(room.roomId) &&
      html`<button class="quiet-button" onClick=${act.leave}>Leave</button>`
    }
    <button class="icon-button" aria-label="Help and keys" aria-haspopup="dialog" onClick=${() => act.show('help')}>
      <span aria-hidden="true">?</span>
    </button>
  </header>`
}
