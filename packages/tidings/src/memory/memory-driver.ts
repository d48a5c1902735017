// The reference driver: store, broker and backups in memory. Committed data live as long as the driver value: if you close an engine and
// open another, that is a restart. Invariant: across all engines, a service's store has one writer at a time, or as many as there are engines.

import { invariant, TidingsError } from '../errors/index.ts'
import type { Clock, Driver, Engine, Environment, StoreBackups, StoreCapabilities } from '../ports/index.ts'
import { memoryBackups } from './memory-backups.ts'
import { type Copies, openMemoryBroker } from './memory-broker.ts'
import { emptyState, type StoreState } from './memory-commit.ts'
import { type MemoryStore, openMemoryStore } from './memory-store.ts'
import { WakeUps } from './wake-ups.ts'

/** Options of the in-memory driver. */
export interface MemoryDriverOptions {
  /**
   * True: the broker keeps its own copies and needs the runtime's relay (like NATS). False: it reads the event logs of the stores
   * (like SQLite). Default: true.
   */
  readonly relay?: boolean
  /**
   * `one`: the store of a service has one writer at a time (like SQLite). `many`: each engine may open it (like Postgres). Default: `one`.
   */
  readonly writers?: StoreCapabilities['writers']
}

/** The in-memory driver, with operations for tests. */
export interface MemoryDriver extends Driver {
  /**
   * Kills the writers of a service's store: releases it, keeps what they have committed, and makes their `Store` objects throw `STORE_UNAVAILABLE` from
   * now on.
   */
  crash(service: string): void
  /** Backups of stores, kept in memory under their file names; they live as long as the driver value. */
  readonly backups: StoreBackups
  /** Deletes a service's store; the next `openStore` creates a new, empty one. Throws `STORE_LOCKED` if the store is open. */
  remove(service: string): void
}

/** The state that the engines of one driver share. */
interface DriverState {
  readonly states: Map<string, StoreState>
  readonly writers: StoreCapabilities['writers']
  /** By service. */
  readonly openStores: Map<string, Set<MemoryStore>>
  readonly copies: Copies | undefined
  /** The clock of the stores: that of the first engine. */
  clock: Clock | undefined
  readonly wakeUps: WakeUps
}

/**
 * Creates an in-memory driver, for tests and as a reference for driver authors.
 *
 * @example
 * ```ts
 * const driver = memoryDriver({ relay: false })
 * ```
 */
export function memoryDriver({ relay = true, writers = 'one' }: MemoryDriverOptions = {}): MemoryDriver {
  const shared: DriverState = {
    states: new Map(),
    writers,
    openStores: new Map(),
    copies: relay ? new Map() : undefined,
    clock: undefined,
    wakeUps: new WakeUps(),
  }
  const { states, openStores } = shared
  return {
    name: 'memory',
    open: (environment) => openEngine(shared, environment),
    crash: (service) => {
      for (const store of [...(openStores.get(service) ?? [])]) store.abandon()
    },
    backups: memoryBackups({ states, refuseIfOpen: (service) => refuseIfOpen(shared, service) }),
    remove: (service) => {
      refuseIfOpen(shared, service)
      states.delete(service)
    },
  }
}

function openEngine(shared: DriverState, { ids, clock }: Environment): Engine {
  const { states, writers, openStores, copies, wakeUps } = shared
  shared.clock ??= clock
  const broker = openMemoryBroker({ copies, eventLogOf: (service) => states.get(service), wakeUps })
  const stores = new Map<string, MemoryStore>()
  let closed = false

  return {
    durability: 'none: a crash of the process loses everything',
    broker,
    openStore: (service) => {
      if (closed) throw new TidingsError('CLOSED', 'The engine was closed.')
      if (writers === 'one' || stores.has(service)) refuseIfOpen(shared, service)
      const state = states.get(service) ?? emptyState(ids.next())
      states.set(service, state)
      const ofService = openStores.get(service) ?? new Set()
      openStores.set(service, ofService)
      const store = openMemoryStore({
        service,
        state,
        writers,
        now: () => (shared.clock ?? clock).now(),
        published: () => {
          if (copies === undefined) wakeUps.wake(service)
        },
        released: () => {
          invariant(ofService.delete(store), `a writer of the store of ${service} releases it once`)
          stores.delete(service)
        },
      })
      ofService.add(store)
      stores.set(service, store)
      // Readers that watched before the store was open have not seen its events.
      if (copies === undefined) wakeUps.wake(service)
      return store
    },
    renameStore: (was, service) => {
      for (const name of [was, service]) refuseIfOpen(shared, name)
      const state = states.get(was)
      if (state === undefined || states.has(service)) return
      states.set(service, { ...state, log: state.log.copy(service) })
      states.delete(was)
    },
    storedServices: () => [...states.keys()],
    close: async () => {
      closed = true
      await broker.close()
      for (const store of [...stores.values()]) await store.close()
    },
  }
}

function refuseIfOpen({ openStores }: DriverState, service: string): void {
  if ((openStores.get(service)?.size ?? 0) > 0) {
    throw new TidingsError('STORE_LOCKED', `The store of ${service} is open already.`, { details: { service } })
  }
}
