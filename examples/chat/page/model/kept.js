// What this browser remembers: who one is, which room was open, how much was seen. Without it the page works all the same.

/**
 * @param {string} name
 * @returns {any} `undefined` where there is nothing
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
    // A browser that keeps nothing forgets who one is, and that is its right.
  }
}
