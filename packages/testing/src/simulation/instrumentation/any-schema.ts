// A schema that accepts every value: for the simulator's own rows.

import type { Schema } from 'tidings'

/** A Standard Schema that accepts every value as it is. */
export function anySchema<T>(): Schema<T> {
  return { '~standard': { version: 1, vendor: 'tidings', validate: (value) => ({ value: value as T }) } }
}
