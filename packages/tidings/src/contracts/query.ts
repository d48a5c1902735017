// Queries: what a service can be asked. A query of a contract may be looked up by other services.

import { checkSimpleName } from './names.ts'
import { checkSchema, type InputOf, type OutputOf, type Schema } from './schema.ts'

/** The types of a query contract. */
export interface QueryTypes {
  readonly input: unknown
  readonly data: unknown
  readonly output: unknown
}

/** A query contract. */
export interface QueryContract<T extends QueryTypes = QueryTypes> {
  readonly kind: 'query'
  /** What is asked for: `review-text`. */
  readonly name: string
  /** The service that answers. */
  readonly owner: string
  readonly description: string | undefined
  readonly input: Schema
  readonly output: Schema
  /** Types only; never set. */
  readonly '~types'?: T
}

/** Options of a query contract. */
export interface QueryOptions<Input extends Schema, Output extends Schema> {
  /** The service that answers. */
  readonly owner: string
  /** What is asked with. */
  readonly input: Input
  /** What is answered; "gone" is a value of its own (`undefined`). */
  readonly output: Output
  /** One sentence for the catalogue and the OpenAPI document. */
  readonly description?: string
}

/** Defines a query contract. Throws `INVALID_NAME` or `INVALID_CONTRACT`. */
export function defineQuery<Input extends Schema, Output extends Schema>(
  name: string,
  options: QueryOptions<Input, Output>,
): QueryContract<{ input: InputOf<Input>; data: OutputOf<Input>; output: OutputOf<Output> }> {
  checkSimpleName('query', name)
  checkSimpleName('service', options.owner)
  checkSchema(`Query ${name}`, options.input)
  checkSchema(`The output of query ${name}`, options.output)
  return {
    kind: 'query',
    name,
    owner: options.owner,
    description: options.description,
    input: options.input,
    output: options.output,
  }
}

/** What a query is asked with. */
export type QueryInput<Q extends QueryContract> = NonNullable<Q['~types']>['input']

/** What a query's handler gets. */
export type QueryData<Q extends QueryContract> = NonNullable<Q['~types']>['data']

/** What a query answers. */
export type QueryOutput<Q extends QueryContract> = NonNullable<Q['~types']>['output']
