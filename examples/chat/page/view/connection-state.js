// Shows that the connection is lost. The element is always there, so that screen readers announce the change.
import { html } from '../html.js'

/** @param {import('./app.js').Props} props */
export const ConnectionState = ({ state }) =>
  html`<p class="connection ${state.connection}" role="status">
    ${state.connection === 'lost' ? 'Reconnecting… What you write is kept.' : ''}
  </p>`
