// Keys that work anywhere on the page. Plain letters count as keys only outside of text fields.

/**
 * @param {KeyboardEvent} event
 * @param {import('../model/store.js').State} state
 * @param {import('../model/actions.js').Actions} act
 */
export function onKey(event, state, act) {
  if (event.defaultPrevented || event.isComposing || document.querySelector('dialog[open]') !== null) return
  const { key, altKey, ctrlKey, metaKey } = event
  if (altKey && !ctrlKey && !metaKey && (key === 'ArrowUp' || key === 'ArrowDown')) {
    event.preventDefault()
    return act.goBeside(key === 'ArrowUp' ? -1 : 1)
  }
  if (altKey || ctrlKey || metaKey) return
  if (key === 'Escape') return leave(state, act)
  if (isWriting(event.target)) return
  if (key === '?') {
    event.preventDefault()
    act.show('help')
  }
  if (key === '/') {
    event.preventDefault()
    document.getElementById('composer')?.focus()
  }
}

/**
 * @param {import('../model/store.js').State} state
 * @param {import('../model/actions.js').Actions} act
 */
function leave({ opened, composing, threadOf }, act) {
  if (opened !== null) {
    act.open(null)
    document.getElementById(`m-${opened.messageId}`)?.focus()
  } else if (composing.editing !== null) act.cancelEdit()
  else if (threadOf !== null) act.closeThread()
}

/** @param {EventTarget | null} target */
const isWriting = (target) =>
  target instanceof HTMLElement && (target.isContentEditable || /^(?:INPUT|TEXTAREA|SELECT)$/.test(target.tagName))
