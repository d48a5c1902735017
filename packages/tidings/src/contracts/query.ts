// Queries: what you can ask one service. Other services use the contract in lookups.

import { checkSimpleName } from './names.ts'
import { checkSchema, type InputOf, type OutputOf, type Schema } from './schema.ts'

/** The types of a query contract. */
export interface QueryTypes {
  readonly input: unknown
  readonly data: unknown
  /** The answer before validation. */
  readonly returned: unknown
  readonly output: unknown
}

/** A query contract. */
export interface QueryContract<T extends QueryTypes = QueryTypes> {
  readonly kind: 'query'
  /** A noun for the answer: `review-text`. */
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
  /** The schema of the input. */
  readonly input: Input
  /**
   * The schema of the answer. If there is nothing to answer with, a handler returns `undefined`; the schema does not have to allow that.
   */
  readonly output: Output
  /** One sentence for the catalogue and the OpenAPI document. */
  readonly description?: string
}

/** Defines a query contract. Throws `INVALID_NAME` or `INVALID_CONTRACT`. */
export function defineQuery<Input extends Schema, Output extends Schema>(
  name: string,
  options: QueryOptions<Input, Output>,
): QueryContract<{
  input: InputOf<Input>
  data: OutputOf<Input>
  returned: InputOf<Output>
  output: OutputOf<Output>
}> {
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

/** The input that a caller sends with a query. */
export type QueryInput<Q extends QueryContract> = NonNullable<Q['~types']>['input']

/** The validated input that a query's handler receives. */
export type QueryData<Q extends QueryContract> = NonNullable<Q['~types']>['data']

/** The answer that a query's handler returns; the schema of the output validates it. */
export type QueryReturned<Q extends QueryContract> = NonNullable<Q['~types']>['returned']

/** The validated answer to a query, as a caller receives it. */
export type QueryOutput<Q extends QueryContract> = NonNullable<Q['~types']>['output']
