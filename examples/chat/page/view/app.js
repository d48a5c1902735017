// The whole page: the rooms, the current room, and the conversation beside it. Parts that do not fit beside it are sheets above it.
import { Component, html } from '../html.js'
import { Composer } from './composer.js'
import { ConnectionState } from './connection-state.js'
import { HelpDialog } from './help-dialog.js'
import { onKey } from './keys.js'
import { RoomHead } from './room-head.js'
import { RoomList } from './room-list.js'
import { Sheet } from './sheet.js'
import { ThreadPanel } from './thread-panel.js'
import { Timeline } from './timeline.js'
import { YouDialog } from './you-dialog.js'

/** @typedef {{ state: import('../model/store.js').State, act: import('../model/actions.js').Actions }} Props */

/** @extends {Component<Props>} */
export class App extends Component {
  componentDidMount() {
    document.addEventListener('keydown', (event) => onKey(event, this.props.state, this.props.act))
  }

  render(/** @type {Props} */ props) {
    const { state, act } = props
    const isNarrow = state.width === 'narrow'
    const asSheet = state.threadOf !== null && state.width !== 'wide'
    return html`
      <a class="skip" href="#composer" onClick=${skip}>Skip to writing a message</a>
      <div class="page ${state.width}">
        ${!isNarrow && html`<nav class="side" aria-label="Rooms"><${RoomList} ...${props} /></nav>`}
        <main class="room" aria-label=${roomLabel(state)}>
          <${RoomHead} ...${props} />
          <${ConnectionState} ...${props} />
          <${Timeline} key=${state.roomId} ...${props} />
          <${Composer} ...${props} />
        </main>
        ${
          state.width === 'wide' &&
          html`<aside class="beside" aria-label="Conversation"><${ThreadPanel} ...${props} /></aside>`
        }
      </div>
      ${
        isNarrow &&
        state.dialog === 'rooms' &&
        html`<${Sheet} label="Rooms" side="left" onClose=${() => act.show(null)}>
          <nav aria-label="Rooms"><${RoomList} ...${props} /></nav>
        <//>`
      }
      ${
        asSheet &&
        html`<${Sheet} label="Conversation" side="right" onClose=${act.closeThread}><${ThreadPanel} ...${props} /><//>`
      }
      ${state.dialog === 'you' && html`<${YouDialog} ...${props} />`}
      ${state.dialog === 'help' && html`<${HelpDialog} ...${props} />`}
      <p class="unseen" role="status">${state.said}</p>
    `
  }
}

// The address names the room, so this link must not change it.
/** @param {Event} event */
function skip(event) {
  event.preventDefault()
  document.getElementById('composer')?.focus()
}

/** @param {import('../model/store.js').State} state */
const roomLabel = ({ roomId, rooms }) => (roomId === null ? 'Room' : (rooms.get(roomId)?.title ?? 'Room'))
