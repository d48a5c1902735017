// What functions hand to the framework: the same data as a schema's type, which may be read-only all the way down. Types only.

/**
 * Data that may be read-only: rows as a table returned them, frozen objects, `as const`. It goes five levels deep, because the type of any JSON has
 * no end.
 */
export type ReadonlyData<T> = ReadonlyDown<T, [1, 1, 1, 1, 1]>

type ReadonlyDown<T, Levels extends readonly unknown[]> = unknown extends T
  ? T
  : T extends Unchanged
    ? T
    : Levels extends readonly [unknown, ...infer Rest]
      ? { readonly [Member in keyof T]: ReadonlyDown<T[Member], Rest> }
      : T

// What a read-only form would not change.
type Unchanged = string | number | boolean | bigint | symbol | null | undefined | Date | ((...args: never[]) => unknown)
