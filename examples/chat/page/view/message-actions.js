// The actions of a message. They open below the message, in reading order, and Escape closes them.
import { Component, html } from '../html.js'
import { moreIcon } from './icons.js'

/** @typedef {import('./message.js').Props & { isOpen: boolean, isMine: boolean }} Props */

/** The emojis to react with, each with its name for screen readers. */
const emojis = [
  ['👍', 'thumbs up'],
  ['❤️', 'heart'],
  ['😄', 'laughing'],
  ['🎉', 'party'],
  ['🤔', 'thinking'],
  ['👀', 'eyes'],
  ['🙏', 'thank you'],
]

/** @extends {Component<Props>} */
export class MessageActions extends Component {
  /** @type {HTMLElement | null} */
  menu = null

  /** @param {Props} before */
  componentDidUpdate(before) {
    const confirming = (/** @type {Props} */ { state }) => state.opened?.confirming === true
    const { props } = this
    if (!props.isOpen || (before.isOpen && confirming(before) === confirming(props))) return
    this.menu?.querySelector('button')?.focus()
    this.menu?.scrollIntoView({ block: 'nearest' })
  }

  render(/** @type {Props} */ { state, act, item, isActive, isOpen, isMine }) {
    const { message, author } = item
    const { messageId } = message
    const id = `actions-${messageId}`
    return html`
      <button
        class="more"
        tabindex=${isActive ? 0 : -1}
        aria-label=${`Actions for the message of ${author}`}
        aria-expanded=${isOpen}
        aria-controls=${isOpen ? id : undefined}
        onClick=${() => act.open(isOpen ? null : messageId)}
      >
        ${moreIcon()}
      </button>
      ${
        isOpen &&
        html`<div
          id=${id}
          class="actions"
          role="group"
          aria-label="Actions"
          ref=${(/** @type {HTMLElement | null} */ menu) => {
            this.menu = menu
          }}
        >
          ${
            state.opened?.confirming === true
              ? html`<span class="ask" id="${id}-ask">Take this message back?</span>
                  <button class="quiet-button" aria-describedby="${id}-ask" onClick=${() => act.open(messageId)}>Keep it</button>
                  <button class="quiet-button danger" aria-describedby="${id}-ask" onClick=${() => act.redact(messageId)}>Take back</button>`
              : html`${emojis.map(
                  ([emoji, name]) =>
                    html`<button class="emoji" aria-label=${`React: ${name}`} onClick=${() => act.react(message, emoji ?? '')}>
                      <span aria-hidden="true">${emoji}</span>
                    </button>`,
                )}
                <span class="actions-words">
                  <button class="quiet-button" onClick=${() => act.showThread(messageId)}>Conversation</button>
                  ${isMine && html`<button class="quiet-button" onClick=${() => act.edit(message)}>Edit</button>`}
                  ${isMine && html`<button class="quiet-button danger" onClick=${() => act.open(messageId, true)}>Take back…</button>`}
                </span>`
          }
        </div>`
      }
    `
  }
}
