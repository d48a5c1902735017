// Time as a value that is passed in.

/** The clock. */
export interface Clock {
  /** Milliseconds since 1970 (UTC). May jump, both ways. */
  now(): number
  /** Milliseconds from some fixed point, with fractions. Never goes back; for durations. */
  monotonicMs(): number
}
