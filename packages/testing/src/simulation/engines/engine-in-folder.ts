// An engine on real files, below the simulated clock and scheduler.

import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import type { Driver } from 'tidings/ports'
import type { SimulatedEngine } from './engines.ts'

/** What else may be said of an engine on files. */
export interface EngineInFolderOptions {
  /** How large its part of the seeds is; each in-memory engine has 9. Default: 1. */
  readonly share?: number
  /** False where its broker reads the outboxes themselves, so that nothing is ever relayed. Default: unknown. */
  readonly relay?: boolean
}

/**
 * An engine on files: each run has a folder of its own among the system's temporary ones, which goes away when the run is over.
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
