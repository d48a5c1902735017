// A conversation: the messages that belong together, without the others in between.
import { html } from '../html.js'
import { authorOf, hueOf, initialOf, nameOf } from '../model/people.js'
import { conversationOf, messagesById } from '../model/thread.js'
import { closeIcon } from './icons.js'
import { Message } from './message.js'

/** @typedef {import('./app.js').Props} Props */

/** @param {Props} props */
export function ThreadPanel(props) {
  const { state, act } = props
  if (state.threadOf === null) return people(state)
  const known = messagesById(state)
  const messages = conversationOf(state, state.threadOf).flatMap((id) => known.get(id) ?? [])
  return html`<div class="thread">
    <header class="sheet-head">
      <h2>Conversation</h2>
      <button class="icon-button" aria-label="Close the conversation" onClick=${act.closeThread}>${closeIcon()}</button>
    </header>
    <div class="thread-messages">
      ${messages.map((message) => {
        const { place: id, at } = message
        const item = { kind: 'message', id, at, message, author: authorOf(state, message) }
        return html`<${Message} key=${id} ...${props} where="thread" isActive=${false}
          item=${{ ...item, isGrouped: false, replies: 0, answersId: null }} />`
      })}
      ${messages.length === 1 && html`<p class="empty">Nobody has answered this yet.</p>`}
    </div>
  </div>`
}

// No conversation is chosen: shows who was here recently.
/** @param {Props['state']} state */
function people(state) {
  const ids = new Set(
    [...state.entries.values()]
      .toSorted((a, b) => (a.place < b.place ? 1 : -1))
      .flatMap((entry) => (entry.kind === 'message' ? entry.authorId : entry.kind === 'notice' ? [] : entry.memberId)),
  )
  return html`<div class="thread">
    <header class="sheet-head"><h2>Lately here</h2></header>
    <ul class="people">
      ${[...ids].slice(0, 24).map(
        (id) => html`<li key=${id} style=${{ '--hue': hueOf(id) }}>
          <span class="face" aria-hidden="true">${initialOf(nameOf(state, id))}</span><bdi>${nameOf(state, id)}</bdi>${id === state.me?.memberId && html`<small> you</small>`}
        </li>`,
      )}
    </ul>
    <p class="hint">Messages that answer each other are a conversation. Open one with its button for replies, and it appears here.</p>
  </div>`
}
