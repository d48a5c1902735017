// One connection to Postgres. Statements are sent at once and answered in their order (pipelined), so many reads cost one round trip.
// Invariant: each statement is a transaction of its own, so nothing depends on which connection of a pooler runs it.

import pg from 'pg'
import { quoted } from './postgres-names.ts'

/** The answer to one statement. */
export interface Answer {
  /** The rows, each a list of its columns' values. */
  readonly rows: readonly (readonly unknown[])[]
  /** The command tag, without its count: `SELECT`, `COMMIT`, `ROLLBACK`. */
  readonly command: string
  readonly columns: readonly string[]
}

/** How to connect. */
export interface ConnectionSettings {
  readonly url: string
  /** The longest that connecting may take, in milliseconds. */
  readonly connectTimeoutMs: number
  /** The longest that the server works on a statement, in milliseconds. */
  readonly statementTimeoutMs: number
  /** Whether the connection may have settings of its own. A pooler that lends it for a transaction at a time refuses them. */
  readonly hasSettings: boolean
  /** The name under which a statement is prepared; `undefined` if it is not. */
  readonly nameOf: (text: string) => string | undefined
}

/** How a column's text becomes a value, by the number of its type. */
export type ReadColumn = (typeNumber: number) => (text: string) => unknown

const [boolType, int8Type, int2Type, int4Type, float4Type, float8Type] = [16, 20, 21, 23, 700, 701]
const numberTypes: ReadonlySet<number> = new Set([int8Type, int2Type, int4Type, float4Type, float8Type])

/** Numbers as numbers, booleans as booleans, everything else as text. The store's own numbers are below 2^53. */
export const readColumn: ReadColumn = (typeNumber) => {
  if (numberTypes.has(typeNumber)) return Number
  return typeNumber === boolType ? (text) => text === 't' : (text) => text
}

/** How much later than the server a statement is given up here, in milliseconds. */
const graceMs = 5_000

/** An open connection. */
export class PostgresConnection {
  readonly #client: pg.Client
  readonly #nameOf: ConnectionSettings['nameOf']
  #inFlight = 0
  #error: Error | undefined
  #closing: Promise<void> | undefined

  private constructor(client: pg.Client, nameOf: ConnectionSettings['nameOf']) {
    this.#client = client
    this.#nameOf = nameOf
  }

  /** Connects; rejects with the error of the client. `ended` is called once, when the connection is no longer usable. */
  static async open(settings: ConnectionSettings, ended: (connection: PostgresConnection) => void) {
    const { url, connectTimeoutMs, statementTimeoutMs, hasSettings, nameOf } = settings
    const client = new pg.Client({
      connectionString: url,
      pipeline: true,
      keepAlive: true,
      connectionTimeoutMillis: connectTimeoutMs,
      query_timeout: statementTimeoutMs + graceMs,
      // Plans are kept as long as the connection, and a table that is small now may grow: each read uses an index.
      ...(hasSettings
        ? { statement_timeout: statementTimeoutMs, application_name: 'tidings', options: '-c enable_seqscan=off' }
        : {}),
    })
    const connection = new PostgresConnection(client, nameOf)
    client.on('error', (error) => {
      connection.#error ??= error
      ended(connection)
    })
    client.on('end', () => {
      connection.#error ??= new Error('the connection was closed')
      ended(connection)
    })
    await client.connect()
    return connection
  }

  /** How many statements wait for their answers. */
  get inFlight(): number {
    return this.#inFlight
  }

  get isUsable(): boolean {
    return this.#error === undefined && this.#closing === undefined
  }

  /** Runs one statement. Rejects with an error of `pg`. */
  async query(text: string, values: readonly unknown[] = [], read: ReadColumn = readColumn): Promise<Answer> {
    const name = values.length === 0 ? undefined : this.#nameOf(text)
    this.#inFlight += 1
    const query = {
      text,
      values: values as unknown[],
      rowMode: 'array',
      // The text is one statement, whatever it says: the simple protocol would run several.
      queryMode: 'extended',
      types: { getTypeParser: read as pg.CustomTypesConfig['getTypeParser'] },
      ...(name === undefined ? {} : { name }),
    } as const
    try {
      const { rows, command, fields } = await this.#client.query(query as pg.QueryArrayConfig)
      return { rows, command, columns: fields.map((field) => field.name) }
    } finally {
      this.#inFlight -= 1
    }
  }

  /** Runs several statements without parameters as one message and one transaction, and returns the last answer's rows. */
  async run(text: string): Promise<Answer['rows']> {
    this.#inFlight += 1
    try {
      const answers: unknown = await this.#client.query({ text, rowMode: 'array' })
      const last = (Array.isArray(answers) ? answers.at(-1) : answers) as Answer | undefined
      return last?.rows ?? []
    } finally {
      this.#inFlight -= 1
    }
  }

  /** Calls `heard` with what others notify on a channel. */
  async listen(channel: string, heard: (payload: string) => void): Promise<void> {
    this.#client.on('notification', ({ payload = '' }) => heard(payload))
    await this.run(`LISTEN ${quoted(channel)}`)
  }

  /** Ends the connection; statements that are under way are answered before. */
  close(): Promise<void> {
    this.#closing ??= this.#client.end().catch(() => undefined)
    return this.#closing
  }
}
