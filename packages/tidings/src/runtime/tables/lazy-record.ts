// Records whose members are made at their first use, so that a function pays only for what it uses.

/** An object whose members are made at their first use. */
export function lazyRecord<T>(
  members: Readonly<Record<string, T>>,
  make: (member: T, name: string) => unknown,
): unknown {
  const record = {}
  for (const name in members) {
    Object.defineProperty(record, name, {
      enumerable: true,
      configurable: true,
      get() {
        const value = make(members[name] as T, name)
        Object.defineProperty(record, name, { value, enumerable: true })
        return value
      },
    })
  }
  return record
}
