// The stores of a simulated system, as services see them: whoever has opened a store of a service works on the one that is open now.
// That is how a paused process that wakes up again (a zombie) meets the store that its successor has taken over: no lock keeps it out, only
// the fence of its commits does.

import { TidingsError } from 'tidings'
import type { Engine, Store } from 'tidings/ports'

/** Wraps an engine so that a store can be taken over. */
export function withSlots(engine: Engine): { readonly engine: Engine; readonly open: ReadonlyMap<string, Store> } {
  const open = new Map<string, Store>()
  return {
    open,
    engine: {
      durability: engine.durability,
      broker: engine.broker,
      close: () => engine.close(),
      openStore: async (service) => {
        await open.get(service)?.close()
        const own = await engine.openStore(service)
        open.set(service, own)
        return slotOf(service, own, open)
      },
    },
  }
}

function slotOf(service: string, own: Store, open: Map<string, Store>): Store {
  const present = (): Store => {
    const store = open.get(service)
    if (store !== undefined) return store
    throw new TidingsError('STORE_UNAVAILABLE', `Nobody has the store of ${service} open.`)
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
