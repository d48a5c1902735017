// Commands: what you can ask one service to do.

import { checkDefinition, checkKeyFunction } from './check-options.ts'
import { exposedOf } from './exposed.ts'
import { checkSimpleName } from './names.ts'
import type { IfBothSame } from './same-type.ts'
import { checkSchema, type InputOf, type OutputOf, type Schema } from './schema.ts'
import { typed } from './typed.ts'

/** The types of a command contract. */
export interface CommandTypes {
  readonly name: string
  readonly exposed: boolean
  readonly input: unknown
  readonly data: unknown
  /** The answer before validation. */
  readonly returned: unknown
  readonly output: unknown
}

/** The types of a command whose schemas do not change what they accept. */
export interface CommandOf<Name extends string, Data, Output, Exposed extends boolean> extends CommandTypes {
  readonly name: Name
  readonly exposed: Exposed
  readonly input: Data
  readonly data: Data
  readonly returned: Output
  readonly output: Output
}

/** The types of a command with a schema that accepts one type and returns another. */
export interface ParsedCommandOf<Name extends string, Input, Data, Returned, Output, Exposed extends boolean>
  extends CommandTypes {
  readonly name: Name
  readonly exposed: Exposed
  readonly input: Input
  readonly data: Data
  readonly returned: Returned
  readonly output: Output
}

type CommandTypesOf<
  Name extends string,
  Input extends Schema,
  Output extends Schema,
  Exposed extends boolean,
> = IfBothSame<
  InputOf<Input>,
  OutputOf<Input>,
  InputOf<Output>,
  OutputOf<Output>,
  CommandOf<Name, OutputOf<Input>, OutputOf<Output>, Exposed>,
  ParsedCommandOf<Name, InputOf<Input>, OutputOf<Input>, InputOf<Output>, OutputOf<Output>, Exposed>
>

/** A command contract. */
export interface CommandContract<T extends CommandTypes = CommandTypes> {
  readonly kind: 'command'
  /** Imperative: `place-order`. */
  readonly name: T['name']
  /** Whether it has an endpoint of the HTTP API. */
  readonly exposed: T['exposed']
  readonly description: string | undefined
  readonly input: Schema
  readonly output: Schema | undefined
  /** The key of the entity that the command changes. If a decider handles the command, the key also names its stream. */
  keyOf(data: T['data']): string
  /** Whether the contract declares a key. */
  readonly keyed: boolean
  /** Types only; never set. */
  readonly '~types': T | undefined
}

/** Options of a command contract. */
export interface CommandOptions<Input extends Schema, Output extends Schema, Exposed extends boolean = boolean> {
  /**
   * Whether callers outside the system may send it: it then has an endpoint of the HTTP API. Without, it is internal: for `execute`, processes and
   * calls within the process. Default: false.
   */
  readonly expose?: Exposed
  /** The schema of the input. */
  readonly input: Input
  /** The schema of the answer. Default: no answer. */
  readonly output?: Output
  /**
   * The key of the entity that the command changes. Within a process, commands of a service with the same key wait in line for each other, so they do
   * not conflict. Required if a decider handles the command: the key names the stream, and the decider's commands wait for that stream. Default: no
   * key; commands that change the same rows at the same moment run again.
   */
  readonly key?: (data: OutputOf<Input>) => string
  /** One sentence for the catalogue and the OpenAPI document. */
  readonly description?: string
}

/** Defines a command contract. Throws `INVALID_NAME` or `INVALID_CONTRACT`. */
export function defineCommand<
  const Name extends string,
  Input extends Schema,
  Output extends Schema = Schema<undefined>,
  Exposed extends boolean = false,
>(
  name: Name,
  options: CommandOptions<Input, Output, Exposed>,
): CommandContract<CommandTypesOf<Name, Input, Output, Exposed>> {
  checkSimpleName('command', name)
  checkDefinition(`command ${name}`, options, `defineCommand('${name}', { input: schema })`)
  if (options.key !== undefined) checkKeyFunction(`command ${name}`, options.key)
  checkSchema(`Command ${name}`, options.input)
  if (options.output !== undefined) checkSchema(`The output of command ${name}`, options.output)
  return typed({
    kind: 'command',
    name,
    exposed: exposedOf(`Command ${name}`, options.expose) as Exposed,
    description: options.description,
    input: options.input,
    output: options.output,
    keyOf: options.key ?? (() => name),
    keyed: options.key !== undefined,
  })
}

/** The input that a caller sends with a command. */
export type CommandInput<C extends CommandContract> = NonNullable<C['~types']>['input']

/** The validated input that a command's handler receives. */
export type CommandData<C extends CommandContract> = NonNullable<C['~types']>['data']

/** The answer that a command's handler returns; the schema of the output validates it. */
export type CommandReturned<C extends CommandContract> = NonNullable<C['~types']>['returned']

/** The validated answer to a command, as a caller receives it. */
export type CommandOutput<C extends CommandContract> = NonNullable<C['~types']>['output']
