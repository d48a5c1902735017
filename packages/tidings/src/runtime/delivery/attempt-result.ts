// How an attempt to handle a delivery has ended. Types only.

/** The result of an attempt that has ended. */
export type AttemptResult =
  | { readonly result: 'done'; readonly durationMicros: number }
  | { readonly result: 'failed'; readonly durationMicros: number; readonly error: unknown }
