// Lets a driver whose stores are in a server work under simulated time: the driver itself waits in real time, as the server does, and the stores
// say what time it is in the simulation. Invariant: engines that a run has left open, as a killed process does, are closed at the end.

import type { Clock, Driver, Engine, Store, Timeouts } from 'tidings/ports'

/** A driver that works in real time. */
export interface RealTimeDriver {
  readonly driver: Driver
  /** Closes every engine that is still open. */
  closeAll(): Promise<void>
}

const realClock: Clock = { now: () => Date.now(), monotonicMs: () => performance.now() }

const realTimeouts: Timeouts = {
  after: (delayMs, callback) => {
    const timer = setTimeout(callback, Math.min(delayMs, 2 ** 31 - 1))
    return () => clearTimeout(timer)
  },
  soon: (callback) => setImmediate(callback),
}

/** Wraps a driver. As in a server, there is one clock for all stores: that of the engine that is opened first. */
export function inRealTime(driver: Driver): RealTimeDriver {
  const engines = new Set<Engine>()
  let stores: Clock | undefined
  const timed = (store: Store): Store =>
    new Proxy(store, {
      get: (target, name) => {
        if (name === 'now') return async () => stores?.now() ?? target.now()
        const member: unknown = Reflect.get(target, name)
        return typeof member === 'function' ? member.bind(target) : member
      },
    })
  return {
    driver: {
      ...driver,
      open: async (environment) => {
        stores ??= environment.clock
        const engine = await driver.open({ ...environment, clock: realClock, timeouts: realTimeouts })
        engines.add(engine)
        return {
          ...engine,
          openStore: async (service) => timed(await engine.openStore(service)),
          close: async () => {
            engines.delete(engine)
            await engine.close()
          },
        }
      },
    },
    closeAll: async () => {
      await Promise.all([...engines].map((engine) => engine.close().catch(() => {})))
      engines.clear()
    },
  }
}
