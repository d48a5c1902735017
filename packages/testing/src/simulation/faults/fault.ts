// What a fault is: plain data in a schedule, and a kind that knows how to draw it, to put it to work and to say what it does.

import type { Service } from 'tidings'
import type { Chance } from '../random/chance.ts'
import type { CrashPointName } from '../system/port-call.ts'
import type { Stage } from '../system/simulated-system.ts'

/** The knobs: how often each fault is begun, as a chance for each step of a run. */
export interface FaultKnobs {
  /** A service dies at a named point and is started again. Default: 0.08. */
  readonly crash: number
  /** The broker hands out again what was handed out before, and takes what it is given twice; clients send again. Default: 0.03. */
  readonly redelivery: number
  /** Handlers take their time, each its own: keys and services overtake each other. Default: 0.03. */
  readonly reordering: number
  /** What a service asks of store and broker is answered late, and its wake-ups are lost. Default: 0.03. */
  readonly delay: number
  /** The broker serves nobody. Default: 0.02. */
  readonly brokerDown: number
  /** One service is down for long. Default: 0.02. */
  readonly serviceDown: number
  /** A service's store takes no more writes for a while. Default: 0.02. */
  readonly diskFull: number
  /** A commit is answered as failed, and was applied or was not. Default: 0.03. */
  readonly ambiguousCommit: number
  /** A process is paused, loses its store to a successor, and wakes up again. Default: 0.02. */
  readonly zombie: number
  /** The clock is set forwards or back. Default: 0.01. */
  readonly clockJump: number
  /** The handlers of a service are slow for a while. Default: 0.02. */
  readonly slowConsumer: number
  /** A handler fails for one key: often enough to be parked, or not. Default: 0.03. */
  readonly failingHandler: number
  /** A read model or replica is rebuilt. Default: 0.02. */
  readonly rebuild: number
}

/** The name of a fault's knob. */
export type FaultName = keyof FaultKnobs

/** A fault as it stands in a schedule. */
export interface Fault {
  readonly fault: FaultName
  /** The service it strikes; empty where it strikes all. */
  readonly service: string
  /** What else it is made of. */
  readonly [part: string]: string | number | boolean
}

/** What a fault is drawn from. */
export interface Drawing {
  readonly chance: Chance
  readonly services: readonly Service[]
  /** The points at which services may crash. */
  readonly crashPoints: readonly CrashPointName[]
}

/** One kind of fault. */
export interface FaultKind {
  readonly name: FaultName
  /** How often it is begun, where nobody says. */
  readonly share: number
  /** Draws one; nothing where the system offers no place for it. */
  draw(drawing: Drawing): Fault | undefined
  /** Puts it to work; it ends by itself, or by `stage.endAfter`. */
  begin(fault: Fault, stage: Stage): void
  /** What it does, for the table of a schedule. */
  describe(fault: Fault): string
}
