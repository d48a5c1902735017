// The engines of a simulation: mostly memory, and for a part of the seeds the configuration's own, on files in a folder that goes away.

import type { LoadedConfig } from '@tidings/node'
import { engineInFolder, memoryEngines, type SimulatedEngine } from '@tidings/testing'

/** The engines that the seeds choose from. */
export function enginesOf({ engine }: Pick<LoadedConfig, 'engine'>): readonly SimulatedEngine[] {
  const own = engineInFolder('the configured engine', (directory) => engine({ directory, log: () => {} }), { share: 2 })
  return [...memoryEngines, own]
}
