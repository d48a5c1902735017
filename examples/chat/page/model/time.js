// Times as text, in the language of the browser.

const time = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit' })
const day = new Intl.DateTimeFormat(undefined, { weekday: 'long', day: 'numeric', month: 'long' })
const dayOfYear = new Intl.DateTimeFormat(undefined, {
  weekday: 'long',
  day: 'numeric',
  month: 'long',
  year: 'numeric',
})

/** @param {string} at */
export const timeOf = (at) => time.format(new Date(at))

/** @param {string} at */
export const dayKey = (at) => new Date(at).toDateString()

/** "Today", "Yesterday", or the day. @param {string} at */
export function dayOf(at) {
  const then = new Date(at)
  const now = new Date()
  const yesterday = new Date(now)
  yesterday.setDate(now.getDate() - 1)
  if (then.toDateString() === now.toDateString()) return 'Today'
  if (then.toDateString() === yesterday.toDateString()) return 'Yesterday'
  return (then.getFullYear() === now.getFullYear() ? day : dayOfYear).format(then)
}

/** The time zone of this browser's clock. */
export const ownTimeZone = () => Intl.DateTimeFormat().resolvedOptions().timeZone || 'UTC'
