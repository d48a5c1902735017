// The entries of a room, the newest at the bottom. While you read further up it keeps its place; at the end it follows new entries.
import { Component, html } from '../html.js'
import { ImpulseCard } from './impulse-card.js'
import { Message } from './message.js'
import { timelineOf } from './timeline-items.js'

/** @typedef {import('./app.js').Props} Props */

/** Nearer to the end than this counts as being there, in pixels. */
const nearPx = 60
/** Nearer to the beginning than this loads more. */
const olderPx = 240

/** @extends {Component<Props, { isBehind: boolean }>} */
export class Timeline extends Component {
  state = { isBehind: false }
  /** @type {HTMLElement | null} */
  log = null
  atEnd = true
  /** The height and the first place before a change. */
  before = {
    height: 0,
    first: /** @type {string | undefined} */ (undefined),
    last: /** @type {string | undefined} */ (undefined),
  }

  componentDidMount() {
    this.settle()
    // Images and a growing composer change the height too.
    this.watcher = new ResizeObserver(() => this.atEnd && this.toEnd())
    if (this.log !== null) this.watcher.observe(this.log)
  }

  componentWillUnmount() {
    this.watcher?.disconnect()
  }

  componentDidUpdate() {
    this.settle()
  }

  settle() {
    const { log, before } = this
    if (log === null) return
    const places = [...this.props.state.entries.keys()].sort()
    const [first, last] = [places[0], places.at(-1)]
    if (this.atEnd) {
      // Only if there is something new: otherwise a button could move away before it is pressed.
      if (log.scrollHeight !== before.height || last !== before.last) this.toEnd()
    } else if (before.first !== undefined && first !== undefined && first < before.first)
      log.scrollTop += log.scrollHeight - before.height
    else if (last !== before.last && !this.state.isBehind) this.setState({ isBehind: true })
    this.before = { height: log.scrollHeight, first, last }
  }

  toEnd() {
    if (this.log !== null) this.log.scrollTop = this.log.scrollHeight
  }

  onScroll = () => {
    const { log } = this
    if (log === null) return
    this.atEnd = log.scrollHeight - log.scrollTop - log.clientHeight < nearPx
    if (this.atEnd && this.state.isBehind) this.setState({ isBehind: false })
    if (log.scrollTop < olderPx) void this.props.act.older()
  }

  jump = () => {
    this.atEnd = true
    this.toEnd()
    this.setState({ isBehind: false })
    document.getElementById('composer')?.focus()
  }

  render(/** @type {Props} */ props) {
    const { state, act } = props
    const items = timelineOf(state)
    const stops = items.filter(({ kind }) => kind === 'message' || kind === 'impulse').map(({ id }) => id)
    const active = state.active !== null && stops.includes(state.active) ? state.active : stops.at(-1)
    const title = state.roomId === null ? undefined : state.rooms.get(state.roomId)?.title
    return html`<div class="timeline-frame">
      <div
        class="timeline"
        role="log"
        aria-label=${`Messages in ${title ?? 'the room'}`}
        aria-busy=${!state.loaded || state.loadingOlder}
        tabindex=${stops.length === 0 ? 0 : undefined}
        ref=${(/** @type {HTMLElement | null} */ log) => {
          this.log = log
        }}
        onScroll=${this.onScroll}
        onKeyDown=${(/** @type {KeyboardEvent} */ event) => move(event, stops, act)}
      >
        ${
          state.hasOlder &&
          html`<button class="quiet-button older" onClick=${() => act.older()}>${state.loadingOlder ? 'Reading…' : 'Earlier messages'}</button>`
        }
        ${state.loaded && items.length === 0 && html`<p class="empty">Nothing was said here yet. Begin!</p>`}
        ${items.map((item) => {
          if (item.kind === 'message')
            return html`<${Message} key=${item.id} ...${props} item=${item} isActive=${item.id === active} where="log" />`
          if (item.kind === 'impulse')
            return html`<${ImpulseCard} key=${item.id} ...${props} item=${item} isActive=${item.id === active} />`
          if (item.kind === 'day') return html`<h2 class="day" key=${item.id}><span>${item.text}</span></h2>`
          return html`<p class="line ${item.kind}" key=${item.id}><bdi>${item.text}</bdi><time datetime=${item.at}>${item.time}</time></p>`
        })}
      </div>
      ${this.state.isBehind && html`<button class="behind" onClick=${this.jump}>New messages</button>`}
    </div>`
  }
}

/**
 * Arrow keys go from message to message; Tab reaches one of them.
 * @param {KeyboardEvent} event
 * @param {readonly string[]} stops
 * @param {Props['act']} act
 */
function move(event, stops, act) {
  const { target, key, altKey } = event
  if (altKey || !(target instanceof HTMLElement) || !target.matches('[data-stop]')) return
  const index = stops.indexOf(target.dataset.stop ?? '')
  const next = { ArrowUp: index - 1, ArrowDown: index + 1, Home: 0, End: stops.length - 1 }[key]
  if (next === undefined) return
  event.preventDefault()
  const id = stops[Math.max(0, Math.min(stops.length - 1, next))]
  if (id === undefined) return
  act.activate(id)
  const element = document.querySelector(`[role="log"] [data-stop="${CSS.escape(id)}"]`)
  if (element instanceof HTMLElement) element.focus()
}
