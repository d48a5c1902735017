// Draws the page from templates that become elements. Text in them is set as text, so it cannot become HTML.
import htm from '/vendor/htm/htm.mjs'
import { Component, h, render } from '/vendor/preact/preact.mjs'

export const html = htm.bind(h)
export { Component, render }
