// A second runtime for a service that runs already, on the same store: what a lock should have kept out.

import type { CommitUnit, Store } from 'tidings/ports'
import { ServiceRuntime } from 'tidings/runtime'
import type { World } from './world.ts'

/** Starts it; `spoil` changes what it commits. */
export async function secondRuntime(
  world: World,
  service: string,
  spoil = (unit: CommitUnit) => unit,
): Promise<ServiceRuntime> {
  const { core } = world.system.service(service)
  const second = await world.run(
    ServiceRuntime.create(core.service, {
      store: sameStore(core.store, spoil),
      broker: core.broker,
      host: core.host,
      lookups: world.system.lookups,
    }),
  )
  if (second === undefined) throw new Error('The world was killed before the second runtime had started.')
  return second
}

function sameStore(store: Store, spoil: (unit: CommitUnit) => CommitUnit): Store {
  return new Proxy(store, {
    get: (target, name) => {
      if (name === 'close') return async () => {}
      if (name === 'commit') return (unit: CommitUnit) => target.commit(spoil(unit))
      const value = Reflect.get(target, name)
      return typeof value === 'function' ? value.bind(target) : value
    },
  })
}
