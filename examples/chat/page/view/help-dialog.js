// The help: what the page can do, and its keys.
import { html } from '../html.js'
import { closeIcon } from './icons.js'
import { Sheet } from './sheet.js'

const keys = [
  ['Enter', 'send; Shift and Enter begins a new line'],
  ['/me waves', 'says what you do'],
  ['Arrow up', 'in an empty message: change your last one'],
  ['/', 'write a message'],
  ['Alt and an arrow', 'the room before, the room after'],
  ['Tab, then arrows', 'to the messages, and from one to the next'],
  ['Enter', 'on a message: what can be done with it'],
  ['T', 'on a message: its conversation'],
  ['E', 'on your message: change it'],
  ['Esc', 'closes what is open'],
  ['?', 'this help'],
]

/** @param {import('./app.js').Props} props */
export const HelpDialog = ({
  act,
}) => html`<${Sheet} label="Help and keys" side="middle" onClose=${() => act.show(null)}>
  <header class="sheet-head">
    <h2>Help and keys</h2>
    <button class="icon-button" aria-label="Close" onClick=${() => act.show(null)}>${closeIcon()}</button>
  </header>
  <p>
    Messages that belong together are found by a service that only listens. So are the right moments for a nudge: a question nobody has
    answered, somebody new, a room that has fallen silent. In your quiet hours you get none.
  </p>
  <dl class="keys">
    ${keys.map(([key, what]) => html`<div><dt><kbd>${key}</kbd></dt><dd>${what}</dd></div>`)}
  </dl>
<//>`
