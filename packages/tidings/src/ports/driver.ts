// A driver: one technology that provides stores and a broker. `<technology>Driver()` creates it.

import { TidingsError } from '../errors/index.ts'
import type { Awaitable } from './awaitable.ts'
import type { StoreBackups } from './backups.ts'
import type { Broker } from './broker.ts'
import type { Environment } from './environment.ts'
import type { Store } from './store.ts'

/**
 * A driver.
 *
 * Concurrency: one process may open the stores of several services; a store has one writer at a time, or many if it says so.
 * Close: the runtime that opened an engine closes it, after its stores and broker.
 */
export interface Driver {
  /** The technology's name, for messages: `sqlite`. */
  readonly name: string
  /** Opens the engine. */
  open(environment: Environment): Awaitable<Engine>
  /** Backs up and restores stores. Absent if the driver cannot; get it with `backupsOf`. */
  readonly backups?: StoreBackups
}

/** The backups of a driver; throws `BACKUP_UNSUPPORTED` if it has none. */
export function backupsOf({ name, backups }: Pick<Driver, 'name' | 'backups'>): StoreBackups {
  if (backups !== undefined) return backups
  throw new TidingsError('BACKUP_UNSUPPORTED', `The driver ${name} has no backups.`, { details: { driver: name } })
}

/** An opened driver. */
export interface Engine {
  /** What this configuration guarantees after a crash, as text for `status`. */
  readonly durability: string
  /** Opens the store of a service, and creates it if there is none. Throws `STORE_LOCKED` if it has one writer and is open already. */
  openStore(service: string): Awaitable<Store>
  /**
   * Gives the store of a service that was renamed its new name, with its epoch and everything in it. Does nothing if there is no store under the old
   * name, or one under the new name. Throws `STORE_LOCKED` if the store is open. Absent if the driver cannot.
   */
  renameStore?(was: string, service: string): Awaitable<void>
  /** The services that have a store here, so that one that belongs to no service is noticed. Absent if the driver cannot tell. */
  storedServices?(): Awaitable<readonly string[]>
  /** The broker that connects the services. */
  readonly broker: Broker
  close(): Promise<void>
}
