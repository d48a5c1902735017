// Queries: what you can ask one service. Other services use the contract in lookups.

import { checkDefinition } from './check-options.ts'
import { exposedOf } from './exposed.ts'
import { checkSimpleName } from './names.ts'
import type { IfBothSame } from './same-type.ts'
import { checkSchema, type InputOf, type OutputOf, type Schema } from './schema.ts'
import { typed } from './typed.ts'

/** The types of a query contract. */
export interface QueryTypes {
  readonly name: string
  readonly exposed: boolean
  readonly input: unknown
  readonly data: unknown
  /** The answer before validation. */
  readonly returned: unknown
  readonly output: unknown
}

/** The types of a query whose schemas do not change what they accept. */
export interface QueryOf<Name extends string, Data, Output, Exposed extends boolean> extends QueryTypes {
  readonly name: Name
  readonly exposed: Exposed
  readonly input: Data
  readonly data: Data
  readonly returned: Output
  readonly output: Output
}

/** The types of a query with a schema that accepts one type and returns another. */
export interface ParsedQueryOf<Name extends string, Input, Data, Returned, Output, Exposed extends boolean>
  extends QueryTypes {
  readonly name: Name
  readonly exposed: Exposed
  readonly input: Input
  readonly data: Data
  readonly returned: Returned
  readonly output: Output
}

type QueryTypesOf<
  Name extends string,
  Input extends Schema,
  Output extends Schema,
  Exposed extends boolean,
> = IfBothSame<
  InputOf<Input>,
  OutputOf<Input>,
  InputOf<Output>,
  OutputOf<Output>,
  QueryOf<Name, OutputOf<Input>, OutputOf<Output>, Exposed>,
  ParsedQueryOf<Name, InputOf<Input>, OutputOf<Input>, InputOf<Output>, OutputOf<Output>, Exposed>
>

/** A query contract. */
export interface QueryContract<T extends QueryTypes = QueryTypes> {
  readonly kind: 'query'
  /** A noun for the answer: `review-text`. */
  readonly name: T['name']
  /** The service that answers. */
  readonly owner: string
  /** Whether it has an endpoint of the HTTP API. */
  readonly exposed: T['exposed']
  readonly description: string | undefined
  readonly input: Schema
  readonly output: Schema
  /** Types only; never set. */
  readonly '~types': T | undefined
}

/** Options of a query contract. */
export interface QueryOptions<Input extends Schema, Output extends Schema, Exposed extends boolean = boolean> {
  /** The service that answers. */
  readonly owner: string
  /**
   * Whether callers outside the system may ask it: it then has an endpoint of the HTTP API. Without, it is internal: for lookups of other services,
   * which need no exposure, and for calls within the process. Default: false.
   */
  readonly expose?: Exposed
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
export function defineQuery<
  const Name extends string,
  Input extends Schema,
  Output extends Schema,
  Exposed extends boolean = false,
>(
  name: Name,
  options: QueryOptions<Input, Output, Exposed>,
): QueryContract<QueryTypesOf<Name, Input, Output, Exposed>> {
  checkSimpleName('query', name)
  checkDefinition(`query ${name}`, options, `defineQuery('${name}', { owner: 'shop', input: schema, output: schema })`)
  checkSimpleName('service', options.owner)
  checkSchema(`Query ${name}`, options.input)
  checkSchema(`The output of query ${name}`, options.output)
  return typed({
    kind: 'query',
    name,
    owner: options.owner,
    exposed: exposedOf(`Query ${name}`, options.expose) as Exposed,
    description: options.description,
    input: options.input,
    output: options.output,
  })
}

/** The input that a caller sends with a query. */
export type QueryInput<Q extends QueryContract> = NonNullable<Q['~types']>['input']

/** The validated input that a query's handler receives. */
export type QueryData<Q extends QueryContract> = NonNullable<Q['~types']>['data']

/** The answer that a query's handler returns; the schema of the output validates it. */
export type QueryReturned<Q extends QueryContract> = NonNullable<Q['~types']>['returned']

/** The validated answer to a query, as a caller receives it. */
export type QueryOutput<Q extends QueryContract> = NonNullable<Q['~types']>['output']
