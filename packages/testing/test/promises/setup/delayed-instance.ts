// An instance of a service whose calls of the store and the broker a test can delay, refuse and count, one by one, while it starts as well as later.

import type { Broker, Store } from 'tidings/ports'
import { ServiceRuntime } from 'tidings/runtime'
import type { World } from './world.ts'

/** A call of its store or its broker. */
export interface PassingCall {
  readonly name: string
  readonly given: readonly unknown[]
  /** The tables whose rows a commit writes or deletes, or the table that is read. */
  readonly tables: ReadonlySet<string>
}

/** What is placed between the instance and its store. */
export interface Delays {
  readonly instance: string
  /** Due timers and effects are moved only by `tick`. */
  readonly ticked?: boolean
  /** It is inspected and operated; nothing runs. */
  readonly idle?: boolean
  /** Called before each call; the call waits for the result, and fails if that rejects. */
  before?(call: PassingCall): Promise<unknown> | undefined
  /** Called after each call, before the instance gets its answer. */
  after?(call: PassingCall): Promise<unknown> | undefined
  /** Called before each read of the broker, with its source. */
  reading?(source: string): void
}

/** Starts it; what it waits for is up to the test, so this is not awaited with `world.run`. */
export async function delayedInstance(world: World, service: string, delays: Delays): Promise<ServiceRuntime> {
  const { declaration, environment } = world.system.service(service)
  const engine = await world.engine.driver.open({ ...environment, clock: world.clock })
  const store = delayed(await engine.openStore(service), delays)
  const broker: Broker = new Proxy(engine.broker, {
    get: (target, name) => {
      const member: unknown = Reflect.get(target, name)
      if (typeof member !== 'function') return member
      return (...given: readonly unknown[]) => {
        if (name === 'read') delays.reading?.(String(given[0]))
        return Reflect.apply(member, target, given)
      }
    },
  })
  const { instance, ticked = false, idle = false } = delays
  const options = { store, broker, lookups: world.system.lookups, instance, ticked, idle }
  return ServiceRuntime.create(declaration, { ...options, environment: { ...environment, clock: world.clock } })
}

function delayed(store: Store, { before, after }: Delays): Store {
  return new Proxy(store, {
    get: (target, property) => {
      const member: unknown = Reflect.get(target, property)
      if (typeof member !== 'function' || property === 'tableIdentifier') return member
      return async (...given: readonly unknown[]) => {
        const name = String(property)
        const call = { name, given, tables: tablesOf(name, given) }
        await before?.(call)
        const answer: unknown = await Reflect.apply(member, target, given)
        await after?.(call)
        return answer
      }
    },
  })
}

function tablesOf(name: string, [first]: readonly unknown[]): ReadonlySet<string> {
  if (name === 'commit') return new Set((first as Parameters<Store['commit']>[0]).rows.map(({ table }) => table))
  if (name === 'find') return new Set([(first as Parameters<Store['find']>[0]).table])
  if (name === 'ensureTable') return new Set([(first as Parameters<Store['ensureTable']>[0]).name])
  return new Set(typeof first === 'string' ? [first] : [])
}
