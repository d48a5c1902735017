// How the page is drawn: templates that become elements. Text in them is set as text; there is no way in for HTML.
import htm from '/vendor/htm/htm.mjs'
import { Component, h, render } from '/vendor/preact/preact.mjs'

export const html = htm.bind(h)
export { Component, render }
