// The composer. Enter sends, Shift and Enter begins a new line; a message that could not be sent stays, with the reason.
import { Component, html } from '../html.js'
import { clipIcon, sendIcon } from './icons.js'

/** @typedef {import('./app.js').Props} Props */

/** @extends {Component<Props>} */
export class Composer extends Component {
  /** @type {HTMLTextAreaElement | null} */
  field = null

  /** @param {Props} before */
  componentDidUpdate(before) {
    const { editing } = this.props.state.composing
    if (editing !== null && editing !== before.state.composing.editing && this.field !== null) {
      this.field.focus()
      this.field.setSelectionRange(this.field.value.length, this.field.value.length)
    }
  }

  render(/** @type {Props} */ { state, act }) {
    const { text, editing, file, error, sending } = state.composing
    const room = state.roomId === null ? undefined : state.rooms.get(state.roomId)
    if (state.me === null)
      return html`<div class="composer"><button class="main-button" id="composer" onClick=${() => act.show('you')}>Take a name to talk</button></div>`
    return html`<form class="composer" aria-label="Write a message" onSubmit=${this.submit}>
      ${
        editing !== null &&
        html`<p class="composing">Changing your message <button type="button" class="quiet-button" onClick=${act.cancelEdit}>Cancel</button></p>`
      }
      ${
        file !== null &&
        html`<p class="composing"><span class="file-name"><bdi>${file.name}</bdi></span>
          <button type="button" class="quiet-button" onClick=${() => act.attach(null)}>Remove</button></p>`
      }
      ${error !== null && html`<p class="error" id="composer-error" role="alert">${error}</p>`}
      <div class="composer-line">
        ${
          editing === null &&
          html`<label class="icon-button attach" title="Add a file">
          <input type="file" class="unseen" aria-label="Add a file" onChange=${this.choose} />
          ${clipIcon()}
        </label>`
        }
        <textarea
          id="composer"
          rows="1"
          dir="auto"
          enterkeyhint="send"
          maxlength="4000"
          aria-label=${editing === null ? `Message to ${room?.title ?? 'the room'}` : 'Change your message'}
          aria-describedby=${error === null ? undefined : 'composer-error'}
          placeholder=${`Say something in ${room?.title ?? 'the room'}`}
          value=${text}
          ref=${(/** @type {HTMLTextAreaElement | null} */ field) => {
            this.field = field
          }}
          onInput=${(/** @type {Event & { currentTarget: HTMLTextAreaElement }} */ event) => act.write(event.currentTarget.value)}
          onKeyDown=${this.key}
        ></textarea>
        <button class="send" aria-label=${editing === null ? 'Send' : 'Save'} aria-disabled=${sending}>
          ${sendIcon()}
        </button>
      </div>
    </form>`
  }

  submit = (/** @type {Event} */ event) => {
    event.preventDefault()
    void this.props.act.send()
  }

  choose = (/** @type {Event & { currentTarget: HTMLInputElement }} */ { currentTarget }) => {
    this.props.act.attach(currentTarget.files?.[0] ?? null)
    // The same file may be chosen again.
    currentTarget.value = ''
    this.field?.focus()
  }

  key = (/** @type {KeyboardEvent} */ event) => {
    const { state, act } = this.props
    if (event.isComposing) return
    if (event.key === 'Enter' && !event.shiftKey) {
      event.preventDefault()
      void act.send()
    }
    if (event.key !== 'ArrowUp' || event.altKey || state.composing.text !== '' || state.composing.editing !== null)
      return
    const mine = [...state.entries.values()].filter(
      (entry) => entry.kind === 'message' && entry.authorId === state.me?.memberId && !entry.redacted,
    )
    const last = mine.sort((a, b) => a.place.localeCompare(b.place)).at(-1)
    if (last?.kind !== 'message') return
    event.preventDefault()
    act.edit(last)
  }
}
