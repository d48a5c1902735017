// A world in which several processes run the same services on the stores that they share, as they do behind a load balancer.

import { setImmediate as turn } from 'node:timers/promises'
import type { Service } from 'tidings'
import {
  createManualClock,
  createManualTimeouts,
  createSeededRandom,
  createSequentialIds,
  type ManualClock,
} from 'tidings/memory'
import type { LogLine } from 'tidings/ports'
import { createSystem, type ServiceRuntime, type System } from 'tidings/runtime'
import type { EngineKind } from './engines.ts'

/** Several processes. */
export interface SharedWorld {
  readonly clock: ManualClock
  readonly lines: readonly LogLine[]
  /** Starts another process; the name is that of its instances. */
  start(name: string): Promise<System>
  /** A service in each process that runs. */
  instancesOf(service: string): readonly ServiceRuntime[]
  /** Ends a process as a supervisor does. */
  stop(name: string): Promise<void>
  /** The result of some work, advancing time if the work waits for it. */
  run<T>(work: Promise<T>): Promise<T>
  /** Advances time second by second until this is true, at most for ten minutes. */
  until(isDone: () => boolean | Promise<boolean>): Promise<void>
  advance(ms: number): Promise<void>
  close(): Promise<void>
}

const secondsMax = 600

/** Creates a world and starts these processes. */
export async function createSharedWorld(
  kind: EngineKind,
  services: readonly Service[],
  names: readonly string[],
): Promise<SharedWorld> {
  const engine = kind.create()
  const clock = createManualClock()
  const timeouts = createManualTimeouts(clock, { rest: async () => void (await (engine.late?.rest() ?? turn())) })
  const lines: LogLine[] = []
  const shared = { clock, timeouts, ids: createSequentialIds(), random: createSeededRandom(1) }
  const environment = { ...shared, log: (line: LogLine) => lines.push(line) }
  const processes = new Map<string, System>()
  const run = <T>(work: Promise<T>) => timeouts.runUntil(work)
  const world: SharedWorld = {
    clock,
    lines,
    start: async (name) => {
      const system = await run(createSystem({ services, driver: engine.driver, environment, instance: name }))
      processes.set(name, system)
      return system
    },
    instancesOf: (service) => [...processes.values()].map((system) => system.service(service)),
    stop: async (name) => {
      const system = processes.get(name)
      processes.delete(name)
      if (system !== undefined) await run(system.close())
    },
    run,
    until: async (isDone) => {
      for (let second = 0; second < secondsMax && !(await run(Promise.resolve(isDone()))); second++)
        await timeouts.advance(1_000)
    },
    advance: (ms) => timeouts.advance(ms),
    close: async () => {
      for (const name of [...processes.keys()]) await world.stop(name)
      engine.remove()
    },
  }
  for (const name of names) await world.start(name)
  return world
}
