// A fault is plain data in a schedule. Its kind draws it from the seed, injects it and describes it.

import type { Service } from 'tidings'
import type { Chance } from '../random/chance.ts'
import type { SimulationCrashPoint } from '../system/port-call.ts'
import type { SimulatedSystem } from '../system/simulated-system.ts'

/** How often each fault begins, as a probability (0 to 1) for each step of a run. */
export interface FaultRates {
  /** A service crashes at a named point and is restarted. Default: 0.08. */
  readonly crash: number
  /** The broker delivers events again, events are published twice, and clients repeat a command that was answered. Default: 0.03. */
  readonly redelivery: number
  /** Handler calls take random times, so keys and services overtake each other. Default: 0.03. */
  readonly reordering: number
  /** A service's store and broker answer late, and its wake-ups are lost. Default: 0.03. */
  readonly delay: number
  /** The broker is down for every service. Default: 0.02. */
  readonly brokerDown: number
  /** One service is down for a long time. Default: 0.02. */
  readonly serviceDown: number
  /** A service's store refuses every write for a while. Default: 0.02. */
  readonly diskFull: number
  /** A commit is reported as failed, whether it was applied or not. Default: 0.03. */
  readonly ambiguousCommit: number
  /** A process is paused, a successor takes over its store, and the paused process wakes up again. Default: 0.02. */
  readonly zombie: number
  /** The time of day jumps forwards or back. Default: 0.01. */
  readonly clockJump: number
  /** Every handler of one service is slow for a while. Default: 0.02. */
  readonly slowConsumer: number
  /** A handler fails for one key, a few times or until the event is parked. Default: 0.03. */
  readonly failingHandler: number
  /** A handler hangs for some keys, for seconds or longer than its timeout. Default: 0.03. */
  readonly hangingHandler: number
  /** A read model or replica is rebuilt. Default: 0.02. */
  readonly rebuild: number
  /** One of several instances is cut off from its store and the broker for a while. Default: 0.02. */
  readonly cutOff: number
  /** One of several instances stands still, often for longer than its leases last, and then goes on. Default: 0.04. */
  readonly pause: number
  /** The number of instances of a service changes, between one and four. Default: 0.03. */
  readonly scale: number
  /** Every one of several instances is stopped and started again, one after the other. Default: 0.02. */
  readonly rollout: number
  /** Every one of several instances is started with other code, which has one handler more or less, one after the other. Default: 0.03. */
  readonly deploy: number
}

/** The name of a fault, a key of `FaultRates`. */
export type FaultName = keyof FaultRates

/** A fault in a schedule. */
export interface Fault {
  readonly fault: FaultName
  /** The service it affects; empty if it affects all. */
  readonly service: string
  /** Its other parameters. */
  readonly [part: string]: string | number | boolean
}

/** What a fault is chosen from. */
export interface FaultChoices {
  readonly chance: Chance
  readonly services: readonly Service[]
  /** The points at which services may crash. */
  readonly crashPoints: readonly SimulationCrashPoint[]
}

/** One kind of fault. */
export interface FaultKind {
  readonly name: FaultName
  /** How often it begins by default. */
  readonly defaultRate: number
  /** True if it occurs only where a service may have several instances. Default: false. */
  readonly ofInstances?: boolean
  /** Chooses one; `undefined` if the system has nothing that it could affect. */
  draw(choices: FaultChoices): Fault | undefined
  /** Injects it into the system; it ends by itself, or through `system.endAfter`. */
  begin(fault: Fault, system: SimulatedSystem): void
  /** What it does, as a phrase for the table of a schedule. */
  describe(fault: Fault): string
}
