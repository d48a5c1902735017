// What a seed is played on: one of the engines, and how many instances of each service there are.
// Invariant: both follow from the seed and the options alone, so that a seed means the same run everywhere.

import { TidingsError } from 'tidings'
import type { SimulatedEngine } from '../../world/simulated-engine.ts'
import type { SimulationOptions } from '../definition/define-simulation.ts'
import { engineOf, memoryEngines } from '../engines/engines.ts'
import { createChance } from '../random/chance.ts'
import { instancesMax } from '../system/instances.ts'

/** What the choice is made from. */
export interface RunChoices {
  readonly simulation?: SimulationOptions
  readonly engines?: readonly SimulatedEngine[]
  readonly instances?: number
}

/** The engine of a seed; throws `CONFIG_INVALID` if several instances are asked for, and no engine has stores with many writers. */
export function engineFor(seed: number, options: RunChoices): SimulatedEngine {
  const { engines = memoryEngines, instances = 1 } = options
  if (instances === 1) return engineOf(seed, engines)
  const shared = engines.filter(({ writers }) => writers === 'many')
  if (shared.length > 0) return engineOf(seed, shared)
  throw new TidingsError(
    'CONFIG_INVALID',
    `A service has one instance here, not ${instances}: the stores of ${engines.map(({ name }) => name).join(' and ')} have one writer.`,
    { hint: 'Simulate several instances on an engine whose stores have many writers, such as the in-memory one.' },
  )
}

/** How many instances of each service a seed has at first; throws `CONFIG_INVALID` if more are asked for than the simulation allows. */
export function instancesFor(seed: number, options: RunChoices): number {
  const { simulation = {}, instances } = options
  const most = Math.min(simulation.instancesMax ?? instancesMax, instancesMax)
  const isNumber = instances === undefined || (Number.isInteger(instances) && instances >= 1)
  if (!isNumber || (instances ?? 1) > most)
    throw new TidingsError(
      'CONFIG_INVALID',
      `A simulated service has ${most === 1 ? 'one instance here' : `one to ${most} instances here`}, not ${instances}.`,
      most < instancesMax ? { hint: '`instancesMax` of the simulation sets the most.' } : {},
    )
  if (instances !== undefined) return instances
  return engineFor(seed, options).writers === 'many' ? drawInstances(seed, most) : 1
}

/** The share of the seeds that play with one instance of each service: they take a fraction of the time, so more of them are played. */
const oneShare = 0.6

function drawInstances(seed: number, most: number): number {
  const chance = createChance(seed ^ 0x1257)
  return chance.happens(oneShare) ? 1 : chance.whole(Math.min(2, most), most)
}
