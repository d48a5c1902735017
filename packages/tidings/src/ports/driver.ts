// A driver: one technology that provides stores and a broker. `<technology>Driver()` creates it.

import { TidingsError } from '../errors/index.ts'
import type { Awaitable } from './awaitable.ts'
import type { StoreBackups } from './backups.ts'
import type { Broker } from './broker.ts'
import type { Environment } from './environment.ts'
import type { Store } from './store.ts'

/** What one subscriber hears of one source: these types of its event log, and nothing else. */
export interface EventLogRead {
  readonly service: string
  /** The subscriber, as it is declared. */
  readonly subscriber: string
  readonly source: string
  readonly types: readonly string[]
}

/** What is to be set up before services use an engine with rights of their own. */
export interface EngineSetup {
  /** The name under which the command line prints it: `postgres-sql`. */
  readonly name: string
  /** The text for all services of a system, given what each of them hears. */
  text(services: readonly string[], reads: readonly EventLogRead[]): string
}

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
  /** What to use instead of `backups`, as a sentence. Default: the tools of the database, without naming them. */
  readonly backupHint?: string
  /** Absent if there is nothing to set up. */
  readonly setup?: EngineSetup
}

/** The backups of a driver; throws `BACKUP_UNSUPPORTED` if it has none. */
export function backupsOf({
  name,
  backups,
  backupHint: hint,
}: Pick<Driver, 'name' | 'backups' | 'backupHint'>): StoreBackups {
  if (backups !== undefined) return backups
  const details = { driver: name }
  const message = `The driver ${name} has no backups.`
  throw new TidingsError('BACKUP_UNSUPPORTED', message, { details, ...(hint === undefined ? {} : { hint }) })
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
