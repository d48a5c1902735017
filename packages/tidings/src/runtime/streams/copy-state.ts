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

/** Whether `copyState` makes a copy that shares nothing with the state. */
export function isCopyable(state: unknown): boolean {
  return tryToCopy(state) !== opaque
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
  if (typeof value !== 'object' || value === null) return typeof value === 'function' ? opaque : value
  if (depthLeft === 0) return opaque
  switch (Object.getPrototypeOf(value)) {
    case Array.prototype:
      return copyMembers((value as unknown[]).slice(), depthLeft)
    case Object.prototype:
      return copyMembers({ ...value }, depthLeft)
    case null:
      return copyMembers(Object.assign(Object.create(null) as object, value), depthLeft)
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

// Most members are no objects, and are copied with their container.
function copyMembers(copy: object, depthLeft: number): unknown {
  const members = copy as Record<string, unknown>
  for (const name in members) {
    const member = members[name]
    if ((typeof member !== 'object' && typeof member !== 'function') || member === null) continue
    const copied = copyOf(member, depthLeft - 1)
    if (copied === opaque) return opaque
    members[name] = copied
  }
  return copy
}
