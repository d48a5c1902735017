// Says politely that the connection is lost. It is always there, so that screen readers hear of the change.
import { html } from '../html.js'

/** @param {import('./app.js').Props} props */
export const ConnectionState = ({ state }) =>
  html`<p class="connection ${state.connection}" role="status">
    ${state.connection === 'lost' ? 'Reconnecting… What you write is kept.' : ''}
  </p>`
