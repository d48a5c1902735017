// Live queries: a reader receives rows of a service, and then every change of them.

import { checkDefinition } from './check-options.ts'
import { exposedOf } from './exposed.ts'
import { checkSimpleName } from './names.ts'
import type { IfBothSame } from './same-type.ts'
import { checkSchema, type InputOf, type OutputOf, type Schema } from './schema.ts'
import { typed } from './typed.ts'

/** The types of a live query's contract. */
export interface LiveQueryTypes {
  readonly name: string
  readonly exposed: boolean
  readonly input: unknown
  readonly data: unknown
  /** The public form of a row before validation. */
  readonly shown: unknown
  readonly row: unknown
}

/** The types of a live query whose schemas do not change what they accept. */
export interface LiveQueryOf<Name extends string, Data, Row, Exposed extends boolean> extends LiveQueryTypes {
  readonly name: Name
  readonly exposed: Exposed
  readonly input: Data
  readonly data: Data
  readonly shown: Row
  readonly row: Row
}

/** The types of a live query with a schema that accepts one type and returns another. */
export interface ParsedLiveQueryOf<Name extends string, Input, Data, Shown, Row, Exposed extends boolean>
  extends LiveQueryTypes {
  readonly name: Name
  readonly exposed: Exposed
  readonly input: Input
  readonly data: Data
  readonly shown: Shown
  readonly row: Row
}

type LiveQueryTypesOf<
  Name extends string,
  Input extends Schema,
  Row extends Schema,
  Exposed extends boolean,
> = IfBothSame<
  InputOf<Input>,
  OutputOf<Input>,
  InputOf<Row>,
  OutputOf<Row>,
  LiveQueryOf<Name, OutputOf<Input>, OutputOf<Row>, Exposed>,
  ParsedLiveQueryOf<Name, InputOf<Input>, OutputOf<Input>, InputOf<Row>, OutputOf<Row>, Exposed>
>

/** A live query's contract. */
export interface LiveQueryContract<T extends LiveQueryTypes = LiveQueryTypes> {
  readonly kind: 'live-query'
  /** A noun for what it shows: `room-messages`. */
  readonly name: T['name']
  /** The service that answers it. */
  readonly owner: string
  /** Whether it has an endpoint of the HTTP API. */
  readonly exposed: T['exposed']
  readonly description: string | undefined
  readonly input: Schema
  /** The public form of one row. */
  readonly row: Schema
  /** Types only; never set. */
  readonly '~types': T | undefined
}

/** Options of a live query's contract. */
export interface LiveQueryOptions<Input extends Schema, Row extends Schema, Exposed extends boolean = boolean> {
  /** The service that answers it. */
  readonly owner: string
  /**
   * Whether readers outside the system may follow it: it then has an endpoint of the HTTP API. Without, it is internal: for readers within the
   * process. Default: false.
   */
  readonly expose?: Exposed
  /** The schema of the input. */
  readonly input: Input
  /** The schema of the public form of one row. */
  readonly row: Row
  /** One sentence for the catalogue and the OpenAPI document. */
  readonly description?: string
}

/** Defines the contract of a live query. Throws `INVALID_NAME` or `INVALID_CONTRACT`. */
export function defineLiveQuery<
  const Name extends string,
  Input extends Schema,
  Row extends Schema,
  Exposed extends boolean = false,
>(
  name: Name,
  options: LiveQueryOptions<Input, Row, Exposed>,
): LiveQueryContract<LiveQueryTypesOf<Name, Input, Row, Exposed>> {
  checkSimpleName('live query', name)
  checkDefinition(
    `live query ${name}`,
    options,
    `defineLiveQuery('${name}', { owner: 'shop', input: schema, row: schema })`,
  )
  checkSimpleName('service', options.owner)
  checkSchema(`Live query ${name}`, options.input)
  checkSchema(`A row of live query ${name}`, options.row)
  return typed({
    kind: 'live-query',
    name,
    owner: options.owner,
    exposed: exposedOf(`Live query ${name}`, options.expose) as Exposed,
    description: options.description,
    input: options.input,
    row: options.row,
  })
}

/** The input that a reader sends. */
export type LiveQueryInput<L extends LiveQueryContract> = NonNullable<L['~types']>['input']

/** The validated input that `where` receives. */
export type LiveQueryData<L extends LiveQueryContract> = NonNullable<L['~types']>['data']

/** The value that `show` returns for a row. */
export type LiveQueryShown<L extends LiveQueryContract> = NonNullable<L['~types']>['shown']

/** A row that a reader receives. */
export type LiveQueryRow<L extends LiveQueryContract> = NonNullable<L['~types']>['row']
