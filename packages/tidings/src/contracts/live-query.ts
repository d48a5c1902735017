// Live queries: rows of a service that a reader is shown, and told of whenever they change.

import { checkSimpleName } from './names.ts'
import { checkSchema, type InputOf, type OutputOf, type Schema } from './schema.ts'

/** The types of a live query's contract. */
export interface LiveQueryTypes {
  readonly input: unknown
  readonly data: unknown
  /** What the service shows for a row, before it is validated. */
  readonly shown: unknown
  readonly row: unknown
}

/** A live query's contract. */
export interface LiveQueryContract<T extends LiveQueryTypes = LiveQueryTypes> {
  readonly kind: 'live-query'
  /** What is shown: `room-messages`. */
  readonly name: string
  /** The service that shows it. */
  readonly owner: string
  readonly description: string | undefined
  readonly input: Schema
  /** The public form of one row. */
  readonly row: Schema
  /** Types only; never set. */
  readonly '~types'?: T
}

/** Options of a live query's contract. */
export interface LiveQueryOptions<Input extends Schema, Row extends Schema> {
  /** The service that shows it. */
  readonly owner: string
  /** What is asked with. */
  readonly input: Input
  /** The public form of one row. */
  readonly row: Row
  /** One sentence for the catalogue and the OpenAPI document. */
  readonly description?: string
}

/** Defines the contract of a live query. Throws `INVALID_NAME` or `INVALID_CONTRACT`. */
export function defineLiveQuery<Input extends Schema, Row extends Schema>(
  name: string,
  options: LiveQueryOptions<Input, Row>,
): LiveQueryContract<{ input: InputOf<Input>; data: OutputOf<Input>; shown: InputOf<Row>; row: OutputOf<Row> }> {
  checkSimpleName('live query', name)
  checkSimpleName('service', options.owner)
  checkSchema(`Live query ${name}`, options.input)
  checkSchema(`A row of live query ${name}`, options.row)
  return {
    kind: 'live-query',
    name,
    owner: options.owner,
    description: options.description,
    input: options.input,
    row: options.row,
  }
}

/** What a live query is asked with. */
export type LiveQueryInput<L extends LiveQueryContract> = NonNullable<L['~types']>['input']

/** What a live query's `where` gets. */
export type LiveQueryData<L extends LiveQueryContract> = NonNullable<L['~types']>['data']

/** What a live query's `show` makes of a row. */
export type LiveQueryShown<L extends LiveQueryContract> = NonNullable<L['~types']>['shown']

/** A row as a reader of a live query gets it. */
export type LiveQueryRow<L extends LiveQueryContract> = NonNullable<L['~types']>['row']
