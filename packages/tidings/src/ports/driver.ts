// A driver: one technology that gives stores and a broker. `<technology>Driver()` makes one.

import { TidingsError } from '../errors/index.ts'
import type { Awaitable } from './awaitable.ts'
import type { StoreBackups } from './backups.ts'
import type { Broker } from './broker.ts'
import type { Environment } from './environment.ts'
import type { Store } from './store.ts'

/**
 * A driver.
 *
 * Concurrency: one process may open the stores of several services; a store has one writer at a time.
 * Close: an engine closes with the runtime that opened it; stores and broker first.
 */
export interface Driver {
  /** The technology's name, for messages: `sqlite`. */
  readonly name: string
  /** Makes the engine ready. */
  open(environment: Environment): Awaitable<Engine>
  /** Copies stores into files and puts them back. A driver that cannot leaves it out; ask for it with `backupsOf`. */
  readonly backups?: StoreBackups
}

/** The backups of a driver; throws `BACKUP_UNSUPPORTED` if it has none. */
export function backupsOf({ name, backups }: Pick<Driver, 'name' | 'backups'>): StoreBackups {
  if (backups !== undefined) return backups
  throw new TidingsError('BACKUP_UNSUPPORTED', `The driver ${name} has no backups.`, { details: { driver: name } })
}

/** An opened driver. */
export interface Engine {
  /** What this configuration promises after a crash, in words, for `status`. */
  readonly durability: string
  /** Opens (creates) the store of a service. Throws `STORE_LOCKED` where another process has it. */
  openStore(service: string): Awaitable<Store>
  /** The broker that connects the services. */
  readonly broker: Broker
  close(): Promise<void>
}
