// The engines of a simulation: mostly memory, and for a part of the seeds the configuration's own, on files in a folder that goes away.

import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import type { LoadedConfig } from '@tidings/node'
import { memoryEngines, type SimulatedEngine } from '@tidings/testing'

/** The engines that the seeds choose from. */
export function enginesOf({ engine }: Pick<LoadedConfig, 'engine'>): readonly SimulatedEngine[] {
  const own: SimulatedEngine = {
    name: 'the configured engine',
    share: 2,
    open: async () => {
      const directory = await mkdtemp(path.join(tmpdir(), 'tidings-simulation-'))
      const remove = () => rm(directory, { recursive: true, force: true })
      return { driver: engine({ directory, log: () => {} }), remove }
    },
  }
  return [...memoryEngines, own]
}
