// An engine on real files, under simulated time.

import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import type { Driver } from 'tidings/ports'
import type { SimulatedEngine } from '../../world/simulated-engine.ts'

/** Options of an engine on files. */
export interface EngineInFolderOptions {
  /** Its share of the seeds; each in-memory engine has 9. Default: 1. */
  readonly share?: number
  /** `many` if several instances of a service can share its stores. Default: `one`. */
  readonly writers?: 'one' | 'many'
  /** False if its broker reads the event logs of the services directly, so that nothing is relayed. Default: unknown. */
  readonly relay?: boolean
}

/**
 * An engine on files: each run has its own folder in the system's temporary directory, which is removed when the run ends.
 *
 * @example
 * ```ts
 * const onFiles = engineInFolder('SQLite', (directory) => sqliteDriver({ directory, durability: 'process-crash' }))
 * await simulate({ services, simulation, engines: [...memoryEngines, onFiles] })
 * ```
 */
export function engineInFolder(
  name: string,
  driverIn: (directory: string) => Driver,
  { share = 1, ...rest }: EngineInFolderOptions = {},
): SimulatedEngine {
  return {
    name,
    share,
    ...rest,
    open: async () => {
      const directory = await mkdtemp(path.join(tmpdir(), 'tidings-simulation-'))
      return { driver: driverIn(directory), remove: () => rm(directory, { recursive: true, force: true }) }
    },
  }
}
