// A schema that takes everything: for rows of the simulation's own.

import type { Schema } from 'tidings'

/** A Standard Schema that takes every value as it is. */
export function anySchema<T>(): Schema<T> {
  return { '~standard': { version: 1, vendor: 'tidings', validate: (value) => ({ value: value as T }) } }
}
