// The icons of the page, drawn because not every font has them. Each is used with a text that says what it means.
import { html } from '../html.js'

/** @param {string} path @param {number} [width] */
const icon = (
  path,
  width = 1.9,
) => html`<svg class="icon" aria-hidden="true" viewBox="0 0 24 24" width="20" height="20">
  <path d=${path} fill="none" stroke="currentColor" stroke-width=${width} stroke-linecap="round" stroke-linejoin="round" />
</svg>`

export const closeIcon = () => icon('M6 6l12 12M18 6 6 18')
export const moreIcon = () => icon('M5.5 12h.01M12 12h.01M18.5 12h.01', 3.2)
export const menuIcon = () => icon('M4 7h16M4 12h16M4 17h16')
export const sendIcon = () => icon('M4.5 12h14M12.5 5.5 19 12l-6.5 6.5', 2.2)
export const clipIcon = () =>
  icon('M20 11.5 12.3 19a5 5 0 0 1-7-7l8-8a3.4 3.4 0 0 1 4.8 4.8l-8 8a1.7 1.7 0 0 1-2.4-2.4l7.3-7.3')
