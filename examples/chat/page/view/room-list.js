// The rooms with their unread messages, and a form to open another one.
import { Component, html } from '../html.js'
import { hueOf, initialOf } from '../model/people.js'
import { inOrder } from '../model/room.js'
import { unreadOf } from './unread.js'

/** @typedef {import('./app.js').Props} Props */

/** @extends {Component<Props, { title: string, error: string | null }>} */
export class RoomList extends Component {
  state = { title: '', error: /** @type {string | null} */ (null) }

  render(/** @type {Props} */ { state, act }) {
    const rooms = inOrder(state.rooms)
    return html`
      <div class="rooms">
        <p class="brand"><img src="/icon.svg" alt="" width="26" height="26" />Chat</p>
        <ul class="room-list">
          ${rooms.map((room) => roomLine(state, room, () => act.show(null)))}
        </ul>
        <form class="new-room" onSubmit=${this.open}>
          <label for="new-room">A new room</label>
          <div class="joined">
            <input
              id="new-room"
              value=${this.state.title}
              maxlength="64"
              autocomplete="off"
              placeholder="Its name"
              aria-describedby=${this.state.error === null ? undefined : 'new-room-error'}
              onInput=${(/** @type {Event & { currentTarget: HTMLInputElement }} */ { currentTarget }) =>
                this.setState({ title: currentTarget.value, error: null })}
            />
            <button class="quiet-button">Open</button>
          </div>
          ${this.state.error !== null && html`<p id="new-room-error" class="error" role="alert">${this.state.error}</p>`}
        </form>
        ${awayLine(state)}
        ${you(state, act)}
      </div>
    `
  }

  open = async (/** @type {Event} */ event) => {
    event.preventDefault()
    const title = this.state.title.trim()
    if (title === '') return
    const error = await this.props.act.openRoom(title)
    this.setState({ title: error === null ? '' : title, error })
  }
}

/**
 * @param {Props['state']} state
 * @param {import('../model/store.js').Room} room
 * @param {() => void} onGo
 */
function roomLine(state, room, onGo) {
  const unread = unreadOf(state, room)
  const isHere = room.roomId === state.roomId
  return html`<li key=${room.roomId}>
    <a
      class="room-link ${unread > 0 && !isHere ? 'has-unread' : ''}"
      href="#${room.roomId}"
      aria-current=${isHere ? 'page' : undefined}
      onClick=${() => state.width === 'narrow' && onGo()}
    >
      <span class="room-title" dir="auto">${room.title}</span>
      ${
        unread > 0 &&
        !isHere &&
        html`<span class="unread"><span aria-hidden="true">${unread > 99 ? '99+' : unread}</span
            ><span class="unseen">, ${unread} unread</span></span
          >`
      }
    </a>
  </li>`
}

const nouns = /** @type {Record<string, string>} */ ({
  courier: 'Nudges',
  threads: 'Conversations',
  attachments: 'Files',
  members: 'Names',
  rooms: 'Rooms',
})

/** @param {Props['state']} state */
function awayLine({ away }) {
  const names = [...away].map((service) => nouns[service] ?? service)
  return html`<p class="away" role="status">
    ${names.length > 0 && `${names.join(', ')} ${names.length === 1 && names[0] === 'Nudges' ? 'are' : 'are'} asleep for a moment. The chat goes on.`}
  </p>`
}

/** @param {Props['state']} state @param {Props['act']} act */
function you({ me }, act) {
  return html`<button class="you" onClick=${() => act.show('you')}>
    <span class="face" style=${{ '--hue': hueOf(me?.memberId ?? '') }} aria-hidden="true">${initialOf(me?.name ?? '')}</span>
    <span class="you-name"><bdi>${me?.name ?? 'Take a name'}</bdi><small>${me === null ? 'to say something' : 'Name and quiet hours'}</small></span>
  </button>`
}
