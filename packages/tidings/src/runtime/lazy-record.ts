// Records whose members are made when they are first asked for, so that a function pays only for what it uses.

import type { BoundTable } from './bind-tables.ts'

/** An object whose members are made when they are first asked for. */
export function lazyRecord(
  tables: Readonly<Record<string, BoundTable>>,
  make: (table: BoundTable, name: string) => unknown,
): unknown {
  const record = {}
  for (const name in tables) {
    Object.defineProperty(record, name, {
      enumerable: true,
      configurable: true,
      get() {
        const value = make(tables[name] as BoundTable, name)
        Object.defineProperty(record, name, { value, enumerable: true })
        return value
      },
    })
  }
  return record
}
