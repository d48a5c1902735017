// Emmett with its SQLite store, used as its documentation shows, on one connection (with a connection for each call it fails with
// SQLITE_BUSY under concurrency). Its packages are not dependencies of the repository: they are loaded from ../peers at run time.

import path from 'node:path'
import { pathToFileURL } from 'node:url'
import { OrderPlaced } from '../orders.ts'
import { peersFolder } from '../peers/install-peers.ts'
import type { Place } from '../work.ts'

/** An event to append. */
export interface EmmettEvent {
  readonly type: 'OrderPlaced'
  readonly data: OrderPlaced
}

/** An event that was read. */
export interface EmmettReadEvent extends EmmettEvent {
  readonly metadata: { readonly globalPosition: bigint }
}

/** The part of the connection that the bench uses. */
export interface EmmettConnection {
  command(sql: string, values?: readonly unknown[]): Promise<unknown>
  querySingle<T>(sql: string, values?: readonly unknown[]): Promise<T | null>
  close(): void
}

/** A projection, as `sqliteProjection` takes it. */
export interface EmmettProjection {
  readonly name: string
  readonly canHandle: readonly string[]
  readonly handle: (events: readonly EmmettReadEvent[], context: { connection: EmmettConnection }) => Promise<void>
}

interface EmmettConsumer {
  processor(options: {
    readonly processorId: string
    readonly projection: EmmettProjection
    readonly startFrom: 'BEGINNING'
    readonly stopAfter: (event: EmmettReadEvent) => boolean
  }): unknown
  start(): Promise<void>
}

/** The part of the event store that the bench uses. */
export interface EmmettStore {
  appendToStream(
    stream: string,
    events: readonly EmmettEvent[],
    options: { readonly expectedStreamVersion: bigint },
  ): Promise<unknown>
  aggregateStream<State>(
    stream: string,
    options: { initialState: () => State; evolve: (state: State, event: EmmettReadEvent) => State },
  ): Promise<{ readonly state: State }>
  consumer(options: {
    readonly pulling?: { readonly batchSize: number; readonly pullingFrequencyInMs: number }
  }): EmmettConsumer
}

interface EmmettModule {
  sqliteConnection(options: { readonly fileName: string }): EmmettConnection
  sqliteProjection(definition: EmmettProjection): EmmettProjection
  getSQLiteEventStore(options: {
    readonly fileName: string
    readonly connectionOptions: { readonly singleton: true; readonly connection: EmmettConnection }
  }): EmmettStore
}

/** Emmett with an open store. */
export interface Emmett {
  readonly store: EmmettStore
  readonly connection: EmmettConnection
  readonly projection: EmmettModule['sqliteProjection']
  /** Validates orders, as all contenders do, and appends them to a stream if that is at the expected version. */
  append(stream: string, expectedVersion: number, ...orders: readonly unknown[]): Promise<unknown>
}

/** Opens Emmett's store in a folder. */
export async function openEmmett({ folder, durability }: Place): Promise<Emmett> {
  const entry = path.join(peersFolder, 'node_modules', '@event-driven-io', 'emmett-sqlite', 'dist', 'index.js')
  const { sqliteConnection, sqliteProjection, getSQLiteEventStore } = (await import(
    pathToFileURL(entry).href
  )) as EmmettModule
  const fileName = path.join(folder, 'emmett.sqlite')
  const connection = sqliteConnection({ fileName })
  await connection.command(`PRAGMA synchronous = ${durability === 'power-loss' ? 'FULL' : 'NORMAL'}`)
  const store = getSQLiteEventStore({ fileName, connectionOptions: { singleton: true, connection } })
  const append = (stream: string, expectedVersion: number, ...orders: readonly unknown[]) => {
    const events = orders.map((order): EmmettEvent => ({ type: 'OrderPlaced', data: OrderPlaced.parse(order) }))
    return store.appendToStream(stream, events, { expectedStreamVersion: BigInt(expectedVersion) })
  }
  return { store, connection, projection: sqliteProjection, append }
}
