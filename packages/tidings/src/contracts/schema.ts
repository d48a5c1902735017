// A schema is any value that implements Standard Schema version 1 (https://standardschema.dev): zod, valibot, arktype, …
// The interface is copied here, as its authors intend, so that the core has no dependency.

import { TidingsError } from '../errors/index.ts'
import { pointerTo } from './json-pointer.ts'

/** A Standard Schema, version 1, with the types of its input and output. */
export interface Schema<Input = unknown, Output = Input> {
  readonly '~standard': {
    readonly version: 1
    readonly vendor: string
    readonly validate: (value: unknown) => SchemaResult<Output> | Promise<SchemaResult<Output>>
    readonly types?: { readonly input: Input; readonly output: Output } | undefined
  }
}

/** The result of a validation: a value or issues. */
export type SchemaResult<Output> =
  | { readonly value: Output; readonly issues?: undefined }
  | { readonly issues: readonly SchemaIssue[] }

/** One issue of a failed validation. */
export interface SchemaIssue {
  readonly message: string
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined
}

/** The input type of a schema. */
export type InputOf<S extends Schema> = NonNullable<S['~standard']['types']>['input']

/** The output type of a schema. */
export type OutputOf<S extends Schema> = NonNullable<S['~standard']['types']>['output']

/** Validates a value and returns the schema's output; throws `INVALID_PAYLOAD` with each issue and its path. */
export function validate<Output>(what: string, schema: Schema<unknown, Output>, value: unknown): Output {
  const result = resultOf(what, schema, value)
  if (result instanceof Promise) {
    // Nothing awaits this promise, so without a `catch` its rejection would end the process. Zod returns a promise even if the schema
    // throws.
    result.catch(() => {})
    throw new TidingsError(
      'INVALID_CONTRACT',
      `The schema of ${what} is asynchronous, or it threw an error; only synchronous schemas are supported.`,
    )
  }
  if (result.issues === undefined) return result.value
  const issues = result.issues.map((issue) => ({ path: pathOf(issue), message: issue.message }))
  const shown = issues
    .slice(0, 3)
    .map((issue) => (issue.path === '' ? issue.message : `${issue.path}: ${issue.message}`))
  const more = issues.length > shown.length ? ` (and ${issues.length - shown.length} more)` : ''
  throw new TidingsError('INVALID_PAYLOAD', `${what} is not valid: ${shown.join('; ')}${more}.`, {
    details: { issues },
  })
}

// A schema that throws has not accepted the value. Many throw if the data are nested deeper than the stack.
function resultOf<Output>(what: string, schema: Schema<unknown, Output>, value: unknown) {
  let result: SchemaResult<Output> | Promise<SchemaResult<Output>>
  try {
    result = schema['~standard'].validate(value)
  } catch (cause) {
    throw new TidingsError('INVALID_PAYLOAD', `${what} is not valid: its schema threw an error.`, { cause })
  }
  if (typeof result === 'object' && result !== null) return result
  throw new TidingsError('INVALID_CONTRACT', `The schema of ${what} returned no result.`)
}

function pathOf(issue: SchemaIssue): string {
  return (issue.path ?? []).map((part) => pointerTo(typeof part === 'object' ? part.key : part)).join('')
}

/** Checks that a value is a Standard Schema; throws `INVALID_CONTRACT`. */
export function checkSchema(what: string, schema: Schema): void {
  if (typeof schema?.['~standard']?.validate !== 'function') {
    throw new TidingsError(
      'INVALID_CONTRACT',
      `${what} needs a schema that implements Standard Schema (zod, valibot, arktype, …).`,
    )
  }
}

/**
 * The JSON Schema of a schema if its library implements Standard JSON Schema; otherwise `undefined`.
 *
 * @param side - `input` for what is accepted, `output` for what is stored and published.
 */
export function jsonSchemaOf(schema: Schema, side: 'input' | 'output'): Readonly<Record<string, unknown>> | undefined {
  const standard = schema['~standard'] as {
    jsonSchema?: Record<string, (options: { target: string }) => Record<string, unknown>>
  }
  try {
    return standard.jsonSchema?.[side]?.({ target: 'draft-2020-12' })
  } catch {
    // Parts of this schema have no equivalent in JSON Schema: no answer is better than a wrong one.
    return undefined
  }
}
