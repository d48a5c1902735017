// The connections of one process to one database. Reads share a few of them, pipelined; a commit or a query of a user borrows one for itself.
// Invariant: never more than `connectionsMax`; those that nobody needs are closed, down to two. A connection that failed is never used again.

import { TidingsError } from 'tidings'
import type { Environment } from 'tidings/ports'
import { type Backoff, pauseAfter } from './postgres-backoff.ts'
import { type Answer, type ConnectionSettings, PostgresConnection } from './postgres-connection.ts'
import { SameDatabase } from './postgres-epochs.ts'
import { toTidingsError } from './postgres-errors.ts'

/** How connections are kept. */
export interface ConnectionsOptions extends Omit<ConnectionSettings, 'nameOf'> {
  readonly environment: Pick<Environment, 'clock' | 'timeouts' | 'random'>
  /** The most connections at once. */
  readonly connectionsMax: number
  /** After how long a connection that nobody needs is closed, in milliseconds. */
  readonly idleMs: number
  /** Whether statements are prepared under a name. */
  readonly preparedStatements: boolean
}

/** The connections to one database. */
export interface PostgresConnections {
  /** Runs one statement that reads, pipelined with others. Rejects with an error of `pg`, or `STORE_UNAVAILABLE` if there is no connection. */
  query(text: string, values?: readonly unknown[]): Promise<Answer>
  /** Lends a connection to `run` alone. */
  borrow<T>(run: (connection: PostgresConnection) => Promise<T>): Promise<T>
  /** Listens on a connection of its own. `ended` is called once, when that connection is lost. */
  listen(channel: string, heard: (payload: string) => void, ended: () => void): Promise<{ close(): Promise<void> }>
  /** Ends all connections; what is under way is answered before. */
  close(): Promise<void>
}

/** How many statements of one connection wait for their answers before another connection is opened. */
const pipelinedMax = 32
/** How many connections stay open when nobody needs them. */
const idleKept = 2
/** How many statements are prepared under a name; the driver's own are far fewer. */
const namesMax = 2_000
const backoff: Backoff = { leastMs: 50, mostMs: 5_000 }

/** Opens nothing yet: the first statement connects. */
export function createConnections(options: ConnectionsOptions): PostgresConnections {
  return new Connections(options)
}

class Connections implements PostgresConnections {
  readonly #options: ConnectionsOptions
  readonly #settings: ConnectionSettings
  readonly #sameDatabase = new SameDatabase()
  readonly #readers = new Set<PostgresConnection>()
  readonly #idle: { readonly connection: PostgresConnection; readonly since: number }[] = []
  readonly #all = new Set<PostgresConnection>()
  readonly #waiting: PromiseWithResolvers<PostgresConnection>[] = []
  #nextReader: Promise<PostgresConnection> | undefined
  #opening = 0
  #failures = 0
  #noAttemptBefore = 0
  #lastError: unknown
  #sweep: (() => void) | undefined
  #closing: Promise<void> | undefined

  constructor(options: ConnectionsOptions) {
    this.#options = options
    const names = new Map<string, string>()
    const nameOf = (text: string) => {
      const known = names.get(text)
      if (known !== undefined || names.size === namesMax) return known
      const name = `tidings_${names.size + 1}`
      names.set(text, name)
      return name
    }
    this.#settings = { ...options, nameOf: options.preparedStatements ? nameOf : () => undefined }
  }

  /** How many are open, save those that listen. */
  get #size(): number {
    return this.#all.size + this.#opening
  }

  async query(text: string, values?: readonly unknown[]): Promise<Answer> {
    this.#sameDatabase.refuseOther()
    const reader = this.#reader() ?? (await this.#moreReaders())
    try {
      return await reader.query(text, values)
    } finally {
      if (reader.inFlight === 0 && this.#readers.delete(reader)) this.#giveBack(reader)
    }
  }

  async borrow<T>(run: (connection: PostgresConnection) => Promise<T>): Promise<T> {
    this.#sameDatabase.refuseOther()
    const connection = await this.#take()
    try {
      return await run(connection)
    } finally {
      this.#giveBack(connection)
    }
  }

  async listen(channel: string, heard: (payload: string) => void, ended: () => void) {
    const connection = await PostgresConnection.open(this.#settings, onceOnly(ended))
    await connection.listen(channel, heard)
    return connection
  }

  close(): Promise<void> {
    this.#closing ??= this.#end()
    return this.#closing
  }

  /** A connection that reads already and is not busy, or any that reads if no other may be opened. */
  #reader(): PostgresConnection | undefined {
    let best: PostgresConnection | undefined
    for (const each of this.#readers)
      if (each.isUsable && (best === undefined || each.inFlight < best.inFlight)) best = each
    if (best === undefined || best.inFlight < pipelinedMax) return best
    // Half of the connections are left to commits.
    const mayOpen = this.#idle.length > 0 || this.#size < this.#options.connectionsMax
    return mayOpen && this.#readers.size < this.#options.connectionsMax / 2 ? undefined : best
  }

  // Those who come while a connection is being opened share it.
  #moreReaders(): Promise<PostgresConnection> {
    this.#nextReader ??= this.#take()
      .then((connection) => {
        this.#readers.add(connection)
        return connection
      })
      .finally(() => {
        this.#nextReader = undefined
      })
    return this.#nextReader
  }

  async #take(): Promise<PostgresConnection> {
    if (this.#closing !== undefined) throw new TidingsError('CLOSED', 'The connections to Postgres were closed.')
    const idle = this.#idle.pop()?.connection
    if (idle !== undefined) return idle
    if (this.#size < this.#options.connectionsMax) return this.#open()
    const waiting = Promise.withResolvers<PostgresConnection>()
    this.#waiting.push(waiting)
    return waiting.promise
  }

  async #open(): Promise<PostgresConnection> {
    const { clock } = this.#options.environment
    if (clock.monotonicMs() < this.#noAttemptBefore) throw toTidingsError(this.#lastError, 'be reached')
    this.#opening += 1
    try {
      const connection = await PostgresConnection.open(this.#settings, (ended) => this.#forget(ended))
      await this.#checkDatabase(connection)
      this.#failures = 0
      this.#all.add(connection)
      return connection
    } catch (error) {
      this.#noteFailure(error)
      throw toTidingsError(error, 'be reached')
    } finally {
      this.#opening -= 1
    }
  }

  async #checkDatabase(connection: PostgresConnection): Promise<void> {
    try {
      await this.#sameDatabase.check(connection)
    } catch (error) {
      void connection.close()
      throw error
    }
  }

  // Attempts have pauses that grow, so that a server that comes back is not met by all at once; what comes in between fails at once.
  #noteFailure(error: unknown): void {
    const { clock, random } = this.#options.environment
    this.#noAttemptBefore = clock.monotonicMs() + pauseAfter(this.#failures, backoff, random)
    this.#failures += 1
    this.#lastError = error
    for (const { reject } of this.#waiting.splice(0)) reject(toTidingsError(error, 'be reached'))
  }

  #giveBack(connection: PostgresConnection): void {
    if (!connection.isUsable) {
      this.#forget(connection)
      this.#serveWaiting()
      return
    }
    const next = this.#waiting.shift()
    if (next !== undefined) {
      next.resolve(connection)
      return
    }
    this.#idle.push({ connection, since: this.#options.environment.clock.monotonicMs() })
    if (this.#idle.length > idleKept) this.#sweepLater()
  }

  /** A connection has failed: whoever waits for one gets a new one. */
  #serveWaiting(): void {
    if (this.#size >= this.#options.connectionsMax) return
    const next = this.#waiting.shift()
    if (next !== undefined) this.#open().then(next.resolve, next.reject)
  }

  #forget(connection: PostgresConnection): void {
    this.#all.delete(connection)
    this.#readers.delete(connection)
    const place = this.#idle.findIndex((each) => each.connection === connection)
    if (place >= 0) this.#idle.splice(place, 1)
  }

  #sweepLater(): void {
    const { environment, idleMs } = this.#options
    this.#sweep ??= environment.timeouts.after(idleMs, () => this.#closeIdle(), { slackMs: 1_000 })
  }

  #closeIdle(): void {
    const { environment, idleMs } = this.#options
    this.#sweep = undefined
    const before = environment.clock.monotonicMs() - idleMs
    while (this.#idle.length > idleKept && (this.#idle[0]?.since ?? before + 1) <= before)
      void this.#idle.shift()?.connection.close()
    if (this.#idle.length > idleKept) this.#sweepLater()
  }

  async #end(): Promise<void> {
    this.#sweep?.()
    for (const { reject } of this.#waiting.splice(0)) reject(new TidingsError('CLOSED', 'The engine was closed.'))
    await Promise.all([...this.#all].map((connection) => connection.close()))
  }
}

function onceOnly(run: () => void): () => void {
  let isDone = false
  return () => {
    if (!isDone) run()
    isDone = true
  }
}
