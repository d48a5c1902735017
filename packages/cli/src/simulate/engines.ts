// The engines of a simulation: in memory for most seeds, and the configured engine in a temporary folder for some.

import type { LoadedConfig } from '@tidings/node'
import { engineInFolder, memoryEngines, type SimulatedEngine } from '@tidings/testing'

/** The engines that seeds choose from. */
export function enginesOf({ engine }: Pick<LoadedConfig, 'engine'>): readonly SimulatedEngine[] {
  const own = engineInFolder('the configured engine', (directory) => engine({ directory, log: () => {} }), { share: 2 })
  return [...memoryEngines, own]
}
