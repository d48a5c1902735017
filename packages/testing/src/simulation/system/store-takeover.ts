// Lets a successor take over a service's store while the process that opened it first still holds it: both then work on the store that is open
// now. So a paused process that wakes up again (a zombie) meets its successor's store: no lock keeps it out, only the fencing of its commits.

import { TidingsError } from 'tidings'
import type { Engine, Store } from 'tidings/ports'

/** Wraps an engine so that a second opening of a store takes it over. */
export function withStoreTakeover(engine: Engine): {
  readonly engine: Engine
  readonly open: ReadonlyMap<string, Store>
} {
  const open = new Map<string, Store>()
  return {
    open,
    engine: {
      ...engine,
      openStore: async (service) => {
        await open.get(service)?.close()
        const own = await engine.openStore(service)
        open.set(service, own)
        return sharedStore(service, own, open)
      },
    },
  }
}

function sharedStore(service: string, own: Store, open: Map<string, Store>): Store {
  const present = (): Store => {
    const store = open.get(service)
    if (store !== undefined) return store
    throw new TidingsError('STORE_UNAVAILABLE', `The store of ${service} is not open.`)
  }
  const close = async () => {
    if (open.get(service) === own) open.delete(service)
    await own.close()
  }
  return new Proxy(own, {
    get: (target, name) => {
      if (name === 'close') return close
      const member: unknown = Reflect.get(target, name)
      if (typeof member !== 'function') return member
      return (...parameters: unknown[]) => {
        const store = present()
        return (Reflect.get(store, name) as (...parameters: unknown[]) => unknown).apply(store, parameters)
      }
    },
  })
}
