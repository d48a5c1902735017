// An engine that sessions and runs can use: always empty at first, and removed afterwards. Types only.

import type { Driver } from 'tidings/ports'

/** An engine that a run can use. */
export interface SimulatedEngine {
  readonly name: string
  /** Its share of the seeds, relative to the shares of the other engines. */
  readonly share: number
  /** False if its broker reads the event logs of the services directly, so that nothing is relayed. Default: unknown. */
  readonly relay?: boolean
  /** True if its stores and its broker answer later, after some turns of the event loop, as those of a database on another machine do. Default: false. */
  readonly answersLater?: boolean
  /** `many` if several instances of a service can share its stores. Default: `one`. */
  readonly writers?: 'one' | 'many'
  /**
   * Creates an empty engine.
   *
   * @param writers - how many are to write a store; an engine that cannot choose ignores it.
   */
  open(writers?: 'one' | 'many'): Promise<FreshEngine> | FreshEngine
}

/** An empty engine. */
export interface FreshEngine {
  readonly driver: Driver
  /** Removes what the run left behind. */
  remove?(): Promise<void> | void
}
