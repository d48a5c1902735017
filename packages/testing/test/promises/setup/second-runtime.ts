// A second runtime for a service that already runs, on the same store: what a lock should have prevented.

import type { CommitUnit, Store } from 'tidings/ports'
import { ServiceRuntime } from 'tidings/runtime'
import type { World } from './world.ts'

/** What is placed between the second runtime and the store. */
export interface BetweenStore {
  /** Changes what it commits. */
  spoil?(unit: CommitUnit): CommitUnit
  /** Called before each call to the store; the runtime is paused until it ends. */
  before?(method: keyof Store): Promise<unknown> | undefined
}

/** Starts it. */
export async function secondRuntime(
  world: World,
  service: string,
  between: BetweenStore = {},
): Promise<ServiceRuntime> {
  const { declaration, store, environment } = world.system.service(service)
  const second = await world.run(
    ServiceRuntime.create(declaration, {
      store: sameStore(store, between),
      broker: world.system.engine.broker,
      environment,
      lookups: world.system.lookups,
    }),
  )
  if (second === undefined) throw new Error('The world was killed before the second runtime had started.')
  return second
}

function sameStore(store: Store, { spoil = (unit) => unit, before }: BetweenStore): Store {
  return new Proxy(store, {
    get: (target, name) => {
      if (name === 'close') return async () => {}
      const value: unknown = Reflect.get(target, name)
      if (typeof value !== 'function') return value
      return (...said: readonly unknown[]) => {
        const given = name === 'commit' ? [spoil(said[0] as CommitUnit)] : said
        const paused = before?.(name as keyof Store)
        const call = (): unknown => Reflect.apply(value, target, given)
        return paused === undefined ? call() : paused.then(call)
      }
    },
  })
}
