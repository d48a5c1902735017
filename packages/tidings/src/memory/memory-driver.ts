// The reference driver: every port in readable code, nothing but memory. What was committed lives as long as the driver value,
// so closing and opening again is a restart. Invariant: a service's store has one writer at a time, across all engines.

import { invariant, TidingsError } from '../errors/index.ts'
import { type Driver, type DriverEnvironment, type Engine, epochsAfterRestore, type Ids } from '../ports/index.ts'
import { type Copies, openMemoryBroker } from './memory-broker.ts'
import { copyState, emptyState, type StoreState } from './memory-commit.ts'
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

/** A store as it was at one moment. */
export interface MemoryBackup {
  readonly service: string
  /** What the store held; opaque. */
  readonly state: unknown
}

/** The in-memory driver, with what a test does to a store from outside. */
export interface MemoryDriver extends Driver {
  /**
   * Kills the writer of a service's store, if there is one: its lock is free, what it has committed stays, and the old `Store` object
   * throws `STORE_UNAVAILABLE` from now on.
   */
  crash(service: string): void
  /** Keeps a service's store as it is now; throws `UNKNOWN_SERVICE` where there is none. */
  backup(service: string): MemoryBackup
  /** Puts a backup in a store's place, under a new epoch; throws `STORE_LOCKED` where the store is open. */
  restore(backup: MemoryBackup, ids: Ids): void
  /** Deletes a service's store; opened again, it is new and empty. Throws `STORE_LOCKED` where the store is open. */
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
    backup: (service) => {
      const state = states.get(service)
      if (state === undefined) throw new TidingsError('UNKNOWN_SERVICE', `There is no store of ${service}.`)
      return { service, state: copyState(state) }
    },
    restore: (backup, ids) => {
      refuseWhereOpen(world, backup.service)
      const kept = copyState(backup.state as StoreState)
      const earlierEpochs = epochsAfterRestore(kept, kept.log.head, states.get(backup.service))
      states.set(backup.service, { ...kept, epoch: ids.next(), earlierEpochs: [...earlierEpochs] })
    },
    remove: (service) => {
      refuseWhereOpen(world, service)
      states.delete(service)
    },
  }
}

function openEngine(world: World, { ids }: DriverEnvironment): Engine {
  const { states, writers, copies, wakeUps } = world
  const broker = openMemoryBroker({ copies, outboxOf: (service) => states.get(service), wakeUps })
  const stores = new Set<MemoryStore>()
  let closed = false

  return {
    durability: 'none: everything is gone with the process',
    broker,
    openStore: (service) => {
      if (closed) throw new TidingsError('CLOSED', 'The engine was closed.')
      refuseWhereOpen(world, service)
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

function refuseWhereOpen({ writers }: World, service: string): void {
  if (writers.has(service)) {
    throw new TidingsError('STORE_LOCKED', `The store of ${service} is open already.`, { details: { service } })
  }
}
