// The kinds of faults that a rig injects, how often each comes, and their counts.

/** How many faults of each kind there were. */
export interface FaultCounts {
  /** Deaths by SIGKILL from outside. */
  kills: number
  /** SIGSTOPs, each followed by SIGCONT or SIGKILL. */
  stops: number
  /** All processes stopped at once, with their supervisor, and continued. */
  storms: number
  starvations: number
  /** All services at once. */
  together: number
  /** The supervisor and, with it, everything. */
  whole: number
  /** Functions that looped for ever, each of which blocked its process until that was ended. */
  loops: number
  /** Functions that never settled. */
  hangs: number
  /** The folder of all stores moved away while every service ran, and moved back. */
  moves: number
}

/** A kind of fault. */
export type FaultKind = 'crash' | 'kill' | 'stop' | 'storm' | 'starve' | 'together' | 'whole' | 'loop' | 'hang' | 'move'

/** How often each kind occurs in one deck, so that every kind occurs within a minute. */
export const deck: Readonly<Record<FaultKind, number>> = {
  crash: 35,
  kill: 6,
  stop: 4,
  storm: 2,
  starve: 2,
  together: 1,
  whole: 1,
  loop: 2,
  hang: 6,
  move: 1,
}

/** Where each kind is counted; deaths at crash points are noted with their points. */
export const countOf: Readonly<Record<Exclude<FaultKind, 'crash'>, keyof FaultCounts>> = {
  kill: 'kills',
  stop: 'stops',
  storm: 'storms',
  starve: 'starvations',
  together: 'together',
  whole: 'whole',
  loop: 'loops',
  hang: 'hangs',
  move: 'moves',
}

/** No faults yet. */
export const noFaults = (): FaultCounts => ({
  kills: 0,
  stops: 0,
  storms: 0,
  starvations: 0,
  together: 0,
  whole: 0,
  loops: 0,
  hangs: 0,
  moves: 0,
})
