// Copies of a stream's state. User code gets a copy of what the runtime keeps, so whatever it changes, a later command starts from the facts.
// Invariant: a state that cannot be copied whole (a class instance, a cycle) is never kept between commands.

/** Deeper than any state that JSON limits allow; a cycle ends here, at the first path through it. */
const depthMax = 128

const opaque = Symbol('opaque')

/** A copy of plain objects, arrays, dates, maps and sets; any other state is returned as it is. */
export function copyState(state: unknown): unknown {
  const copy = tryToCopy(state)
  return copy === opaque ? state : copy
}

/** Whether `copyState` makes a copy that shares nothing with the state. Unlike a copy, the check allocates nothing. */
export function isCopyable(state: unknown): boolean {
  try {
    return isPlain(state, depthMax)
  } catch {
    return false
  }
}

function tryToCopy(state: unknown): unknown {
  try {
    return copyOf(state, depthMax)
  } catch {
    // A getter or a proxy of the state has thrown.
    return opaque
  }
}

function copyOf(value: unknown, depthLeft: number): unknown {
  if (!isContainer(value)) return value
  if (typeof value === 'function' || depthLeft === 0) return opaque
  if (Array.isArray(value)) return isOrdinary(value) ? copyItems(value.slice(), depthLeft) : opaque
  switch (Object.getPrototypeOf(value)) {
    case Object.prototype:
      return copyMembers({ ...value } as Record<string, unknown>, depthLeft)
    case null:
      return copyMembers(Object.assign(Object.create(null) as Record<string, unknown>, value), depthLeft)
    case Date.prototype:
      return new Date((value as Date).getTime())
    case Map.prototype: {
      const entries = copyOf([...(value as Map<unknown, unknown>)], depthLeft)
      return entries === opaque ? opaque : new Map(entries as [unknown, unknown][])
    }
    case Set.prototype: {
      const members = copyOf([...(value as Set<unknown>)], depthLeft)
      return members === opaque ? opaque : new Set(members as unknown[])
    }
    default:
      return opaque
  }
}

// Most members are no containers, and are copied with theirs. An array is walked by number: by name it takes ten times as long.
function copyItems(items: unknown[], depthLeft: number): unknown {
  for (let index = 0; index < items.length; index++) {
    if (!isContainer(items[index])) continue
    const copied = copyOf(items[index], depthLeft - 1)
    if (copied === opaque) return opaque
    items[index] = copied
  }
  return items
}

function copyMembers(members: Record<string, unknown>, depthLeft: number): unknown {
  for (const name in members) {
    const member = members[name]
    if (!isContainer(member)) continue
    const copied = copyOf(member, depthLeft - 1)
    if (copied === opaque) return opaque
    members[name] = copied
  }
  return members
}

function isPlain(value: unknown, depthLeft: number): boolean {
  if (!isContainer(value)) return true
  if (typeof value === 'function' || depthLeft === 0) return false
  if (Array.isArray(value)) return isOrdinary(value) && value.every((item) => isPlain(item, depthLeft - 1))
  switch (Object.getPrototypeOf(value)) {
    case Object.prototype:
    case null:
      for (const name in value) if (!isPlain((value as Record<string, unknown>)[name], depthLeft - 1)) return false
      return true
    case Date.prototype:
      return true
    case Map.prototype:
    case Set.prototype:
      return isPlain([...(value as Iterable<unknown>)], depthLeft)
    default:
      return false
  }
}

function isContainer(value: unknown): value is object {
  return (typeof value === 'object' && value !== null) || typeof value === 'function'
}

// An array of a class of its own, or of another realm, may be more than its items.
function isOrdinary(value: readonly unknown[]): boolean {
  return Object.getPrototypeOf(value) === Array.prototype
}
