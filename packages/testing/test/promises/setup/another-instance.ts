// Another instance of a service that already runs: a runtime of its own on the store that both share, as another process would be.

import { ServiceRuntime } from 'tidings/runtime'
import type { World } from './world.ts'

/** Starts it. */
export async function anotherInstance(world: World, service: string): Promise<ServiceRuntime> {
  const { declaration, environment } = world.system.service(service)
  const engine = await world.engine.driver.open(environment)
  const instance = await world.run(
    Promise.resolve(engine.openStore(service)).then((store) =>
      ServiceRuntime.create(declaration, { store, broker: engine.broker, environment, lookups: world.system.lookups }),
    ),
  )
  if (instance === undefined) throw new Error('The world was killed before the other instance had started.')
  return instance
}
