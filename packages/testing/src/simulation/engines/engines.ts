// The engines that runs use. The seed chooses one, so that a seed means the same run everywhere.

import { memoryDriver } from 'tidings/memory'
import type { SimulatedEngine } from '../../world/simulated-engine.ts'
import { createChance } from '../random/chance.ts'

/** The in-memory engine in its two kinds: with a broker of its own behind a relay, and with a broker that reads the event logs directly. */
export const memoryEngines: readonly SimulatedEngine[] = [
  { name: 'memory, relayed', share: 9, relay: true, open: () => ({ driver: memoryDriver({ relay: true }) }) },
  { name: 'memory, no relay', share: 9, relay: false, open: () => ({ driver: memoryDriver({ relay: false }) }) },
]

/** The engine of a seed. */
export function engineOf(seed: number, engines: readonly SimulatedEngine[]): SimulatedEngine {
  const total = engines.reduce((sum, { share }) => sum + share, 0)
  let place = createChance(seed ^ 0xe1e1).next() * total
  for (const engine of engines) {
    place -= engine.share
    if (place < 0) return engine
  }
  return engines[0] as SimulatedEngine
}
