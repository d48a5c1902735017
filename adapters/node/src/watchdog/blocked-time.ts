// How long the main thread has not come round its event loop. Invariant: only time counts in which the one who looks ran itself: if a process was
// stopped, or its machine slept, nobody looked meanwhile.

/** What is seen in one look. */
export interface Look {
  /** By a monotonic clock, in milliseconds. */
  readonly nowMs: number
  /** How often the main thread has come round. */
  readonly beats: number
  /** Whether the time counts: not while a debugger is attached, or the driver does long work. What came before is then forgotten. */
  readonly counts: boolean
  /** Whether the main thread waits for a disk. That time does not count, and what came before is kept: a loop may wait for a disk now and then. */
  readonly isWaiting?: boolean
}

/** Counts how long the main thread has been blocked. */
export class BlockedTime {
  readonly #tickMs: number
  #lookedAt: number
  #beats: number
  #awayMs = 0
  #blockedMs = 0

  /** @param tickMs - the time from one look to the next, in milliseconds. */
  constructor(tickMs: number, { nowMs, beats }: Omit<Look, 'counts'>) {
    this.#tickMs = tickMs
    this.#lookedAt = nowMs
    this.#beats = beats
  }

  /** For how long it has been away, even if that does not count, in milliseconds; 0 if it has just come round. */
  get awayMs(): number {
    return this.#awayMs
  }

  /** For how long it has been blocked, in milliseconds. */
  get blockedMs(): number {
    return this.#blockedMs
  }

  /** Whether it has not come round since the last look. */
  isAway(beats: number): boolean {
    return beats === this.#beats
  }

  /** Looks once more; returns how much time has passed, at most one tick, in milliseconds. */
  look({ nowMs, beats, counts, isWaiting = false }: Look): number {
    const passedMs = Math.min(this.#tickMs, nowMs - this.#lookedAt)
    this.#lookedAt = nowMs
    this.#awayMs = beats === this.#beats ? this.#awayMs + passedMs : 0
    this.#blockedMs = beats === this.#beats && counts ? this.#blockedMs + (isWaiting ? 0 : passedMs) : 0
    this.#beats = beats
    return passedMs
  }
}
