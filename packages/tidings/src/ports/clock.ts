// The port for time.

/** The clock. */
export interface Clock {
  /** Milliseconds since 1970 (UTC). May jump forwards and backwards. */
  now(): number
  /** Milliseconds since some fixed point, with fractions. Never goes back; use it for durations. */
  monotonicMs(): number
}
