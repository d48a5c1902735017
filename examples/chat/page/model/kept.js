// What this browser stores: the member, the last room, and how much was seen. The page also works without it.

/**
 * @param {string} name
 * @returns {any} `undefined` if there is nothing
 */
export function kept(name) {
  try {
    return JSON.parse(localStorage.getItem(`chat.${name}`) ?? 'null') ?? undefined
  } catch {
    return undefined
  }
}

/**
 * @param {string} name
 * @param {unknown} value
 */
export function keep(name, value) {
  try {
    localStorage.setItem(`chat.${name}`, JSON.stringify(value))
  } catch {
    // Storage may be disabled; then nothing is stored.
  }
}
