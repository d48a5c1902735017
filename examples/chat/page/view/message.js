// A message: its author, its text, its state, and its actions.
import { html } from '../html.js'
import { hueOf, initialOf } from '../model/people.js'
import { messagesById } from '../model/thread.js'
import { timeOf } from '../model/time.js'
import { AttachmentView } from './attachment.js'
import { MessageActions } from './message-actions.js'
import { Reactions } from './reactions.js'
import { Text } from './text.js'

/** @typedef {import('./app.js').Props & { item: import('./timeline-items.js').MessageItem, isActive: boolean, where: 'log' | 'thread' }} Props */

/** @param {Props} props */
export function Message(props) {
  const { state, act, item, isActive, where } = props
  const { message, author, isGrouped } = item
  const { messageId, authorId, at, redacted, editedAt, action } = message
  const id = `${where === 'log' ? 'm' : 't'}-${messageId}`
  const isMine = authorId === state.me?.memberId
  const isOpen = where === 'log' && state.opened?.messageId === messageId
  const classes = ['message', isGrouped && 'grouped', isMine && 'mine', action && 'action', isOpen && 'open']
  return html`<article
    id=${id}
    class=${classes.filter(Boolean).join(' ')}
    data-stop=${item.id}
    tabindex=${where === 'thread' || isActive ? 0 : -1}
    aria-labelledby="${id}-by ${id}-text"
    style=${{ '--hue': hueOf(authorId) }}
    onFocusIn=${() => where === 'log' && act.activate(item.id)}
    onKeyDown=${(/** @type {KeyboardEvent} */ event) => where === 'log' && onKey(event, props, isMine)}
  >
    <span class="face" aria-hidden="true">${initialOf(author)}</span>
    <header class="by" id="${id}-by">
      <b class="author"><bdi>${author}</bdi></b>
      <time datetime=${at}>${timeOf(at)}</time>
    </header>
    ${answersLine(props)}
    <div class="body" id="${id}-text">
      ${
        redacted
          ? html`<p class="gone">taken back</p>`
          : html`<p class="text" dir="auto">${action && html`<b class="author"><bdi>${author}</bdi></b> `}<${Text} text=${message.text} />${
              editedAt !== null &&
              html` <small class="edited" title=${new Date(editedAt).toLocaleString()}>(edited)</small>`
            }</p>`
      }
      ${message.attachmentId !== null && html`<${AttachmentView} state=${state} attachmentId=${message.attachmentId} />`}
    </div>
    <${Reactions} ...${props} />
    ${
      where === 'log' &&
      item.replies > 0 &&
      html`<button class="replies" tabindex=${isActive ? 0 : -1} onClick=${() => act.showThread(messageId)}>
        ${item.replies === 1 ? '1 reply' : `${item.replies} replies`}
      </button>`
    }
    ${where === 'log' && !redacted && html`<${MessageActions} ...${props} isOpen=${isOpen} isMine=${isMine} />`}
  </article>`
}

// The message that this one answers, unless that is right above it.
/** @param {Props} props */
function answersLine({ state, act, item, isActive, where }) {
  if (item.answersId === null || where !== 'log') return null
  const answered = messagesById(state).get(item.answersId)
  if (answered === undefined || answered.redacted) return null
  return html`<button class="answers" tabindex=${isActive ? 0 : -1} onClick=${() => act.showThread(item.message.messageId)}>
    <span class="unseen">Answers </span><bdi class="author" style=${{ '--hue': hueOf(answered.authorId) }}>${answered.authorName}</bdi>
    <span class="answered" dir="auto">${answered.text}</span>
  </button>`
}

/** @param {KeyboardEvent} event @param {Props} props @param {boolean} isMine */
function onKey(event, { act, item }, isMine) {
  if (event.target !== event.currentTarget || event.altKey || event.ctrlKey || event.metaKey) return
  const { message } = item
  const key = event.key.toLowerCase()
  if (key === 't') act.showThread(message.messageId)
  else if (message.redacted) return
  else if (key === 'enter') act.open(message.messageId)
  else if (key === 'e' && isMine) act.edit(message)
  else return
  event.preventDefault()
}
