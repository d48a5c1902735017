// A sheet above the page. It is the browser's own dialog: it keeps the focus inside, and Escape closes it.
import { Component, html } from '../html.js'

/** @typedef {{ label: string, side: 'left' | 'right' | 'middle', onClose: () => void, children?: import('/vendor/preact/preact.mjs').ComponentChildren }} Props */

/** @extends {Component<Props>} */
export class Sheet extends Component {
  /** @type {HTMLDialogElement | null} */
  dialog = null
  /** @type {Element | null} */
  before = null

  componentDidMount() {
    this.before = document.activeElement
    this.dialog?.showModal()
  }

  componentWillUnmount() {
    if (this.before instanceof HTMLElement && this.before.isConnected) this.before.focus()
  }

  render(/** @type {Props} */ { label, side, onClose, children }) {
    const outside = (/** @type {MouseEvent} */ event) => {
      if (event.target === this.dialog) onClose()
    }
    return html`<dialog
      class="sheet ${side}"
      aria-label=${label}
      ref=${(/** @type {HTMLDialogElement | null} */ dialog) => {
        this.dialog = dialog
      }}
      onClose=${onClose}
      onClick=${outside}
    >
      <div class="sheet-inside">${children}</div>
    </dialog>`
  }
}
