// Opens the engine of a simulated system: once for all services, or once more for each instance that shares stores with others.
// Invariant: the system itself looks at the stores without wrappers, by the stores' own clock.

import { type Service, TidingsError } from 'tidings'
import type { Driver, Engine, Store } from 'tidings/ports'
import { answerLater } from '../../world/answer-later.ts'
import type { ManualWorld } from '../../world/manual-world.ts'
import { HostClocks } from './host-clocks.ts'
import { withStoreTakeover } from './store-takeover.ts'

/** An engine as a system uses it. */
export interface EngineParts {
  readonly engine: Engine
  /** The stores, without wrappers. */
  readonly stores: ReadonlyMap<string, Store>
  /** Opens the engine for one instance; absent if each service runs once. */
  readonly openHandle?: (instance: string) => Promise<Engine>
  readonly clocks?: HostClocks
}

/** What decides how it is opened. */
export interface OpenEngineOptions {
  readonly seed: number
  readonly services: readonly Service[]
  readonly instances: number
  readonly clocksDiffer: boolean
  readonly answersLater: boolean
}

/** Opens it; throws `CONFIG_INVALID` if several instances are to share stores that have one writer. */
export async function openEngine(driver: Driver, world: ManualWorld, options: OpenEngineOptions): Promise<EngineParts> {
  const { seed, services, instances, clocksDiffer, answersLater } = options
  const late = (engine: Engine) => (answersLater ? answerLater(engine, world.late) : engine)
  // The engine that is opened first gives the stores their clock.
  const engine = await driver.open(world.environment)
  if (instances === 1) {
    const takeover = withStoreTakeover(engine)
    return { engine: late(takeover.engine), stores: takeover.open }
  }
  const stores = new Map<string, Store>()
  for (const { name } of services) stores.set(name, await engine.openStore(name))
  if ([...stores.values()].some(({ capabilities }) => capabilities.writers === 'one')) {
    await engine.close()
    throw new TidingsError(
      'CONFIG_INVALID',
      `A store of the driver ${driver.name} has one writer, so a service on it has one instance, not ${instances}.`,
      { hint: 'Simulate several instances on an engine whose stores have many writers, such as the in-memory one.' },
    )
  }
  const clocks = new HostClocks(seed, clocksDiffer)
  const openHandle = async (instance: string) =>
    late(await driver.open(clocks.environmentOf(instance, world.environment)))
  return { engine: late(engine), stores, openHandle, clocks }
}
