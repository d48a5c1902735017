// An engine whose stores are in a server, such as a database, under simulated time.

import { inRealTime } from '../../world/in-real-time.ts'
import type { FreshEngine, SimulatedEngine } from '../../world/simulated-engine.ts'

/** Options of an engine on a server. */
export interface EngineOnServerOptions {
  /** Its share of the seeds; each in-memory engine has 9. Default: 1. */
  readonly share?: number
}

/**
 * An engine on a server that several instances of a service share, and whose broker reads the event logs directly. `open` gives each run a driver on empty
 * stores. Simulated time waits for the server, so a run is about as fast as the server; which of several calls it answers first is not decided by the
 * seed, so the same seed may run differently.
 *
 * @example
 * ```ts
 * const { url, drop } = await testPostgres()
 * const onPostgres = engineOnServer('Postgres', () => {
 *   const schemaPrefix = `run_${++runs}_`
 *   return { driver: postgresDriver({ url, schemaPrefix }), remove: () => drop(schemaPrefix) }
 * })
 * await simulate({ services, simulation, engines: [onPostgres], runs: 10 })
 * ```
 */
export function engineOnServer(
  name: string,
  open: () => Promise<FreshEngine> | FreshEngine,
  { share = 1 }: EngineOnServerOptions = {},
): SimulatedEngine {
  return {
    name,
    share,
    relay: false,
    writers: 'many',
    answersLater: true,
    open: async () => {
      const fresh = await open()
      const { driver, closeAll } = inRealTime(fresh.driver)
      return {
        driver,
        remove: async () => {
          await closeAll()
          await fresh.remove?.()
        },
      }
    },
  }
}
