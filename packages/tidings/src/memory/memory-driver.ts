// The reference driver: every port in readable code, nothing but memory. What was committed lives as long as the driver value,
// so closing and opening again is a restart. Invariant: a service's store has one writer at a time, across all engines.

import { invariant, TidingsError } from '../errors/index.ts'
import type { Driver, Engine, Environment, StoreBackups } from '../ports/index.ts'
import { memoryBackups } from './memory-backups.ts'
import { type Copies, openMemoryBroker } from './memory-broker.ts'
import { emptyState, type StoreState } from './memory-commit.ts'
import { type MemoryStore, openMemoryStore } from './memory-store.ts'
import { WakeUps } from './wake-ups.ts'

/** How the in-memory driver works. */
export interface MemoryDriverOptions {
  /**
   * True: the broker keeps a copy of its own and needs the runtime's relay (as NATS does). False: it reads the committed outboxes
   * (as SQLite does). Default: true.
   */
  readonly relay?: boolean
}

/** The in-memory driver, with what a test does to a store from outside. */
export interface MemoryDriver extends Driver {
  /**
   * Kills the writer of a service's store, if there is one: its lock is free, what it has committed stays, and the old `Store` object
   * throws `STORE_UNAVAILABLE` from now on.
   */
  crash(service: string): void
  /** Copies of stores, kept in memory under the names of their files; they live as long as the driver value. */
  readonly backups: StoreBackups
  /** Deletes a service's store; opened again, it is new and empty. Throws `STORE_LOCKED` if the store is open. */
  remove(service: string): void
}

/** Everything the engines of one driver share. */
interface World {
  readonly states: Map<string, StoreState>
  readonly writers: Map<string, MemoryStore>
  readonly copies: Copies | undefined
  readonly wakeUps: WakeUps
}

/**
 * The in-memory engine, for tests and as the ports' reference.
 *
 * @example
 * ```ts
 * const driver = memoryDriver({ relay: false })
 * ```
 */
export function memoryDriver({ relay = true }: MemoryDriverOptions = {}): MemoryDriver {
  const world: World = {
    states: new Map(),
    writers: new Map(),
    copies: relay ? new Map() : undefined,
    wakeUps: new WakeUps(),
  }
  const { states, writers } = world
  return {
    name: 'memory',
    open: (environment) => openEngine(world, environment),
    crash: (service) => writers.get(service)?.abandon(),
    backups: memoryBackups({ states, refuseIfOpen: (service) => refuseIfOpen(world, service) }),
    remove: (service) => {
      refuseIfOpen(world, service)
      states.delete(service)
    },
  }
}

function openEngine(world: World, { ids }: Environment): Engine {
  const { states, writers, copies, wakeUps } = world
  const broker = openMemoryBroker({ copies, outboxOf: (service) => states.get(service), wakeUps })
  const stores = new Set<MemoryStore>()
  let closed = false

  return {
    durability: 'none: everything is gone with the process',
    broker,
    openStore: (service) => {
      if (closed) throw new TidingsError('CLOSED', 'The engine was closed.')
      refuseIfOpen(world, service)
      const state = states.get(service) ?? emptyState(ids.next())
      states.set(service, state)
      const store = openMemoryStore({
        service,
        state,
        published: () => {
          if (copies === undefined) wakeUps.wake(service)
        },
        released: () => {
          invariant(writers.get(service) === store, `the store of ${service} is given back by its writer`)
          writers.delete(service)
          stores.delete(store)
        },
      })
      writers.set(service, store)
      stores.add(store)
      // Who watched before the store was here has not seen what it holds.
      if (copies === undefined) wakeUps.wake(service)
      return store
    },
    close: async () => {
      closed = true
      await broker.close()
      for (const store of [...stores]) await store.close()
    },
  }
}

function refuseIfOpen({ writers }: World, service: string): void {
  if (writers.has(service)) {
    throw new TidingsError('STORE_LOCKED', `The store of ${service} is open already.`, { details: { service } })
  }
}
