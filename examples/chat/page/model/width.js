// How much room there is: what stands side by side on a wide page is a sheet on a narrow one.

/** @param {import('./store.js').Store} store */
export function followWidth(store) {
  const wide = matchMedia('(min-width: 1100px)')
  const medium = matchMedia('(min-width: 720px)')
  const look = () => store.set({ width: wide.matches ? 'wide' : medium.matches ? 'medium' : 'narrow' })
  wide.addEventListener('change', look)
  medium.addEventListener('change', look)
  look()
}
