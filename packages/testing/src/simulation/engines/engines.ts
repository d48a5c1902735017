// The engines that runs use. The seed chooses one, so that a seed means the same run everywhere.

import { memoryDriver } from 'tidings/memory'
import type { SimulatedEngine } from '../../world/simulated-engine.ts'
import { createChance } from '../random/chance.ts'

/**
 * The in-memory engine in its kinds: with a broker of its own behind a relay, and with a broker that reads the event logs directly; each answering at
 * once, as SQLite does, and later, as a database on another machine does.
 */
export const memoryEngines: readonly SimulatedEngine[] = [
  inMemory('memory, relayed', { share: 6, relay: true }),
  inMemory('memory, no relay', { share: 6, relay: false }),
  inMemory('memory, relayed, answers later', { share: 3, relay: true, answersLater: true }),
  inMemory('memory, no relay, answers later', { share: 3, relay: false, answersLater: true }),
]

function inMemory(name: string, kind: Omit<SimulatedEngine, 'name' | 'open'>): SimulatedEngine {
  const relay = kind.relay !== false
  return { name, ...kind, writers: 'many', open: (writers = 'one') => ({ driver: memoryDriver({ relay, writers }) }) }
}

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
