// A nudge: a quiet card for its receiver, and one discreet line for the others.
import { html } from '../html.js'
import { nameOf } from '../model/people.js'
import { messagesById } from '../model/thread.js'
import { timeOf } from '../model/time.js'

/** @typedef {import('./app.js').Props & { item: import('./timeline-items.js').ImpulseItem, isActive: boolean }} Props */

const titles = /** @type {Record<string, string>} */ ({
  'unanswered-question': 'A question is waiting',
  welcome: 'Welcome',
  'quiet-room': 'It is quiet here',
})

/** @param {Props} props */
export function ImpulseCard({ state, act, item, isActive }) {
  const { impulse } = item
  const { to, kind, text, aboutMessageId, deliveredAt, impulseId } = impulse
  const title = titles[kind] ?? 'A nudge'
  const time = html`<time class="impulse-time" datetime=${deliveredAt}>${timeOf(deliveredAt)}</time>`
  const stop = { 'data-stop': item.id, tabindex: isActive ? 0 : -1, onFocusIn: () => act.activate(item.id) }
  if (to !== state.me?.memberId)
    return html`<p class="line nudged" ...${stop}>A nudge went to <bdi>${nameOf(state, to)}</bdi><time datetime=${deliveredAt}>${timeOf(deliveredAt)}</time></p>`
  const about = aboutMessageId === null ? undefined : messagesById(state).get(aboutMessageId)
  return html`<section class="impulse" aria-labelledby="i-${impulseId}" ...${stop}>
    <span class="impulse-mark" aria-hidden="true"></span>
    <h3 id="i-${impulseId}">${title}<span class="unseen">, only for you</span></h3>
    <p dir="auto">${text}</p>
    ${
      about !== undefined &&
      html`<button class="quiet-button" tabindex=${isActive ? 0 : -1} onClick=${() => goTo(about.messageId, act)}>Show the message</button>`
    }
    ${time}
  </section>`
}

/** @param {string} messageId @param {Props['act']} act */
function goTo(messageId, act) {
  const element = document.getElementById(`m-${messageId}`)
  if (element === null) return void act.showThread(messageId)
  element.scrollIntoView({ block: 'center' })
  element.focus()
}
