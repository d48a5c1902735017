// The width of the page: parts that are side by side on a wide page are sheets on a narrow one.

/** @param {import('./store.js').Store} store */
export function followWidth(store) {
  const wide = matchMedia('(min-width: 1100px)')
  const medium = matchMedia('(min-width: 720px)')
  const update = () => store.set({ width: wide.matches ? 'wide' : medium.matches ? 'medium' : 'narrow' })
  wide.addEventListener('change', update)
  medium.addEventListener('change', update)
  update()
}
