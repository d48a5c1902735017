// An instance of a service with a name and a life of its own: it can be killed or paused, as a process can, its machine can be suspended, and it can be cut
// off from the store, while the others go on.

import { type Service, TidingsError } from 'tidings'
import type { RowQuery, Store } from 'tidings/ports'
import { ServiceRuntime } from 'tidings/runtime'
import { RunLifetime } from '../../../src/world/run-lifetime.ts'
import type { World } from './world.ts'

/** The instance. */
export interface SuspendableInstance {
  readonly runtime: ServiceRuntime
  /** The groups of the service's work that it does now. */
  groups(): readonly string[]
  /** Its life. */
  readonly lifetime: RunLifetime
  /** Suspends its machine for so many milliseconds: its monotonic clock stands still. What `meanwhile` does comes first. */
  suspend(ms: number, meanwhile?: () => Promise<void>): Promise<void>
  /** Whether the store cannot be reached from it. */
  isCutOff: boolean
  /** Until this resolves, the store does not tell it who holds what. */
  looks: Promise<void>
}

/** Starts it. */
export async function suspendableInstance(
  world: World,
  declaration: Service,
  instance: string,
): Promise<SuspendableInstance> {
  const [anyService] = world.system.services.values()
  if (anyService === undefined) throw new Error('The world has no service.')
  const { environment } = anyService
  const service = declaration.name
  const engine = await world.engine.driver.open(environment)
  const lifetime = new RunLifetime(
    service,
    {
      committed: () => {},
      killed: () => lifetime.kill(),
      outside: (closing) => closing,
      interleave: async () => {},
    },
    instance,
  )
  let suspendedMs = 0
  const clock = { now: () => world.clock.now(), monotonicMs: () => world.clock.monotonicMs() - suspendedMs }
  const reached = (store: Store) =>
    new Proxy(store, {
      get: (target, name) => {
        const member: unknown = Reflect.get(target, name)
        if (typeof member !== 'function' || name === 'close') return member
        if (name === 'find' && !suspendable.isCutOff)
          return async (query: RowQuery) => {
            if (query.table === 'tidings.leases') await suspendable.looks
            return target.find(query)
          }
        if (!suspendable.isCutOff) return member
        return () => Promise.reject(new TidingsError('STORE_UNAVAILABLE', 'The network is down.'))
      },
    })
  const suspendable = {
    lifetime,
    isCutOff: false,
    looks: Promise.resolve(),
    suspend: async (ms: number, meanwhile = async () => {}) => {
      const since = world.clock.monotonicMs()
      lifetime.pause()
      await meanwhile()
      await world.advance(ms)
      suspendedMs += world.clock.monotonicMs() - since
      lifetime.resume()
    },
  }
  const runtime = await world.run(
    Promise.resolve(engine.openStore(service)).then((store) =>
      ServiceRuntime.create(declaration, {
        store: lifetime.store(reached(store)),
        broker: lifetime.broker(engine.broker),
        environment: lifetime.environment({ ...environment, clock }),
        lookups: world.system.lookups,
        instance,
      }),
    ),
  )
  if (runtime === undefined) throw new Error('The world was killed before the instance had started.')
  return Object.assign(suspendable, {
    runtime,
    groups: () => runtime.status.instance?.groups ?? [],
  })
}
