// The dialog for the member's name and quiet hours.
import { Component, html } from '../html.js'
import { ownTimeZone } from '../model/time.js'
import { closeIcon } from './icons.js'
import { Sheet } from './sheet.js'

/** @typedef {import('./app.js').Props} Props */
/** @typedef {Event & { currentTarget: HTMLInputElement }} InputEvent */

const usual = { from: '22:00', to: '07:00' }

/** @extends {Component<Props, { name: string, isQuiet: boolean, from: string, to: string, error: string | null }>} */
export class YouDialog extends Component {
  state = { name: '', isQuiet: true, ...usual, error: /** @type {string | null} */ (null) }

  /** @param {Props} props */
  constructor(props) {
    super(props)
    const { me, members } = props.state
    const known = me === null ? undefined : members.get(me.memberId)
    const hours = known === undefined ? usual : known.quietHours
    this.state = { ...this.state, ...(hours ?? {}), name: me?.name ?? '', isQuiet: hours !== null }
  }

  render(/** @type {Props} */ { state, act }) {
    const { name, isQuiet, from, to, error } = this.state
    const isNew = state.me === null
    return html`<${Sheet} label=${isNew ? 'Take a name' : 'You'} side="middle" onClose=${() => act.show(null)}>
      <form class="you-form" onSubmit=${this.submit}>
        <header class="sheet-head">
          <h2>${isNew ? 'What shall we call you?' : 'You'}</h2>
          <button type="button" class="icon-button" aria-label="Close" onClick=${() => act.show(null)}>
            ${closeIcon()}
          </button>
        </header>
        <label for="your-name">Name</label>
        <input id="your-name" value=${name} maxlength="64" autocomplete="nickname" required autofocus
          aria-describedby=${error === null ? undefined : 'you-error'}
          onInput=${(/** @type {InputEvent} */ event) => this.setState({ name: event.currentTarget.value, error: null })} />
        <fieldset>
          <legend>Quiet hours</legend>
          <label class="check">
            <input type="checkbox" checked=${isQuiet}
              onChange=${(/** @type {InputEvent} */ event) => this.setState({ isQuiet: event.currentTarget.checked })} />
            No nudges during these hours
          </label>
          <div class="hours">
            <label>from <input type="time" required value=${from} disabled=${!isQuiet}
              onInput=${(/** @type {InputEvent} */ event) => this.setState({ from: event.currentTarget.value })} /></label>
            <label>to <input type="time" required value=${to} disabled=${!isQuiet}
              onInput=${(/** @type {InputEvent} */ event) => this.setState({ to: event.currentTarget.value })} /></label>
          </div>
          <p class="hint">On your clock: ${ownTimeZone()}</p>
        </fieldset>
        ${error !== null && html`<p id="you-error" class="error" role="alert">${error}</p>`}
        <button class="main-button">${isNew ? 'Come in' : 'Save'}</button>
      </form>
    <//>`
  }

  submit = async (/** @type {Event} */ event) => {
    event.preventDefault()
    const { name, isQuiet, from, to } = this.state
    const { act } = this.props
    const error = await act.introduce(name, isQuiet ? { from, to } : null)
    if (error !== null) return this.setState({ error })
    await act.enter()
    document.getElementById('composer')?.focus()
  }
}
