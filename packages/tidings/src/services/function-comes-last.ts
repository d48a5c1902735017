// What the compiler shows if options are given, and the function that comes after them is not. Types only.

/**
 * The options of a function, where the function itself is expected: a sentence for each, which the compiler shows if the function is missing. No
 * function has them.
 */
export type FunctionComesLast<Option extends string> = {
  readonly [Name in Option]?: 'the function is missing: it comes after the options, as (data, context) => { … }'
}
