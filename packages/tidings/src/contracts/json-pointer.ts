// JSON Pointers (RFC 6901), which say where in an input something is.

/** The name in one step of a pointer, without its `/`. */
export function nameInPointer(step: string): string {
  return step.replaceAll('~1', '/').replaceAll('~0', '~')
}

/** One step of a pointer: `/` and the name, in which `~` and `/` are escaped, so that the pointer leads to this member and no other. */
export function pointerTo(name: PropertyKey): string {
  const text = String(name)
  if (!text.includes('~') && !text.includes('/')) return `/${text}`
  return `/${text.replaceAll('~', '~0').replaceAll('/', '~1')}`
}
