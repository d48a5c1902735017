// Another instance of a service that already runs: a runtime of its own on the store that both share, as another process would be.

import { ServiceRuntime } from 'tidings/runtime'
import type { World } from './world.ts'

/** Starts it; `clockWrongMs`: how far the clock of its machine is ahead of the others, or behind if it is negative. */
export async function anotherInstance(world: World, service: string, clockWrongMs = 0): Promise<ServiceRuntime> {
  const { declaration, environment: ofFirst } = world.system.service(service)
  const clock = { now: () => world.clock.now() + clockWrongMs, monotonicMs: () => world.clock.monotonicMs() }
  const environment = { ...ofFirst, clock }
  const engine = await world.engine.driver.open(environment)
  const instance = await world.run(
    Promise.resolve(engine.openStore(service)).then((store) =>
      ServiceRuntime.create(declaration, { store, broker: engine.broker, environment, lookups: world.system.lookups }),
    ),
  )
  if (instance === undefined) throw new Error('The world was killed before the other instance had started.')
  return instance
}
