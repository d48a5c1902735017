// Commands: what a service can be told to do, by calling it and nobody else.

import { checkSimpleName } from './names.ts'
import { checkSchema, type InputOf, type OutputOf, type Schema } from './schema.ts'

/** The types of a command contract. */
export interface CommandTypes {
  readonly input: unknown
  readonly data: unknown
  readonly output: unknown
}

/** A command contract. */
export interface CommandContract<T extends CommandTypes = CommandTypes> {
  readonly kind: 'command'
  /** Imperative: `place-order`. */
  readonly name: string
  readonly description: string | undefined
  readonly input: Schema
  readonly output: Schema | undefined
  /** The key the command is about: the stream of a decider. */
  keyOf(data: T['data']): string
  /** Whether a key was given. */
  readonly keyed: boolean
  /** Types only; never set. */
  readonly '~types'?: T
}

/** Options of a command contract. */
export interface CommandOptions<Input extends Schema, Output extends Schema> {
  /** What is accepted. */
  readonly input: Input
  /** What the command answers; by default nothing. */
  readonly output?: Output
  /** The key the command is about; needed where a decider handles it. */
  readonly key?: (data: OutputOf<Input>) => string
  /** One sentence for the catalogue and the OpenAPI document. */
  readonly description?: string
}

/** Defines a command contract. Throws `INVALID_NAME` or `INVALID_CONTRACT`. */
export function defineCommand<Input extends Schema, Output extends Schema = Schema<undefined>>(
  name: string,
  options: CommandOptions<Input, Output>,
): CommandContract<{ input: InputOf<Input>; data: OutputOf<Input>; output: InputOf<Output> }> {
  checkSimpleName('command', name)
  checkSchema(`Command ${name}`, options.input)
  if (options.output !== undefined) checkSchema(`The output of command ${name}`, options.output)
  return {
    kind: 'command',
    name,
    description: options.description,
    input: options.input,
    output: options.output,
    keyOf: options.key ?? (() => name),
    keyed: options.key !== undefined,
  }
}

/** What is accepted for a command. */
export type CommandInput<C extends CommandContract> = NonNullable<C['~types']>['input']

/** What a command's handler gets. */
export type CommandData<C extends CommandContract> = NonNullable<C['~types']>['data']

/** What a command answers. */
export type CommandOutput<C extends CommandContract> = NonNullable<C['~types']>['output']
