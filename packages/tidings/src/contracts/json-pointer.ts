// JSON Pointers (RFC 6901), which say where in an input something is.

/** One step of a pointer: `/` and the name, in which `~` and `/` are escaped, so that the pointer leads to this member and no other. */
export function pointerTo(name: PropertyKey): string {
  const text = String(name)
  if (!text.includes('~') && !text.includes('/')) return `/${text}`
  return `/${text.replaceAll('~', '~0').replaceAll('/', '~1')}`
}
