// The engines that runs are made on: the seed chooses, so that a seed means the same run everywhere.

import { memoryDriver } from 'tidings/memory'
import type { Driver } from 'tidings/ports'
import { createChance } from '../random/chance.ts'

/** An engine that runs can be made on. */
export interface SimulatedEngine {
  readonly name: string
  /** How large its part of the seeds is, in proportion to the others'. */
  readonly share: number
  /** False where its broker reads the outboxes themselves, so that nothing is ever relayed. Default: unknown. */
  readonly relay?: boolean
  /** Makes a fresh one, with nothing in it. */
  open(): Promise<FreshEngine> | FreshEngine
}

/** A fresh engine. */
export interface FreshEngine {
  readonly driver: Driver
  /** Takes away what the run has left. */
  remove?(): Promise<void> | void
}

/** The in-memory engine in its two kinds: with a broker of its own behind a relay, and reading the committed outboxes. */
export const memoryEngines: readonly SimulatedEngine[] = [
  { name: 'memory, relayed', share: 9, relay: true, open: () => ({ driver: memoryDriver({ relay: true }) }) },
  { name: 'memory, outbox read', share: 9, relay: false, open: () => ({ driver: memoryDriver({ relay: false }) }) },
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
