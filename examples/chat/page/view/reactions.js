// The reactions to a message; pressing one adds your own or removes it.
import { html } from '../html.js'
import { listed, nameOf } from '../model/people.js'

/** @param {import('./message.js').Props} props */
export function Reactions({ state, act, item, isActive, where }) {
  const reactions = Object.entries(item.message.reactions).filter(([, members]) => members.length > 0)
  if (reactions.length === 0) return null
  const mine = state.me?.memberId ?? ''
  return html`<div class="reactions" role="group" aria-label="Reactions">
    ${reactions.map(([emoji, members]) => {
      const names = listed(members.map((memberId) => (memberId === mine ? 'you' : nameOf(state, memberId))))
      return html`<button
        class="reaction"
        key=${emoji}
        tabindex=${isActive || where === 'thread' ? 0 : -1}
        aria-pressed=${members.includes(mine)}
        aria-label=${`${emoji} ${members.length} by ${names}`}
        title=${names}
        onClick=${() => act.react(item.message, emoji)}
      >
        <span aria-hidden="true">${emoji} ${members.length}</span>
      </button>`
    })}
  </div>`
}
