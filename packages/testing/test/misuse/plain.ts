// The package as plain JavaScript sees it: everything takes anything. And what such code passes by mistake.
import * as tidings from 'tidings'
import { z } from 'zod'

/** A function or object of the package without its types. */
export interface Plain {
  (...given: readonly unknown[]): Plain
  readonly version: Plain
  readonly key: Plain
  readonly index: Plain
  readonly unique: Plain
  readonly on: Plain
  readonly onRetracted: Plain
  readonly onFact: Plain
  readonly command: Plain
  readonly query: Plain
  readonly live: Plain
  readonly decider: Plain
  readonly projection: Plain
  readonly due: Plain
  readonly effect: Plain
  readonly process: Plain
  readonly starts: Plain
  readonly with: Plain
}

/** The functions of the package. */
export const plain = tidings as unknown as { readonly [Name in keyof typeof tidings]: Plain }

/** A call with a place for a value: a name, and the call. */
export type Call = readonly [name: string, call: (given: unknown) => unknown]

/** The calls that set each option of an object to a value, the others being right. */
export const eachOption = (name: string, right: object, call: (options: object) => unknown): readonly Call[] =>
  Object.keys(right).map((option) => [`${name} ${option}`, (given) => call({ ...right, [option]: given })])

class Hostile {
  get kind(): never {
    throw new Error('a getter')
  }
}

/** What is passed by mistake. None of it is of any use where a call has a place for it, save for a few that are listed with the call. */
export const junk: Readonly<Record<string, unknown>> = {
  undefined,
  null: null,
  NaN: Number.NaN,
  'a number': 7,
  'a text': 'x y',
  'an empty text': '',
  true: true,
  'a symbol': Symbol('s'),
  'a bigint': 7n,
  'a function': () => {
    throw new Error('it ran')
  },
  'a list': [],
  'a list of undefined': [undefined],
  'a list of texts': ['x'],
  'an object': {},
  'an object of undefined': { x: undefined },
  'an object without a prototype': Object.create(null),
  'a date': new Date(0),
  'a promise': Promise.resolve({}),
  'a hostile object': new Hostile(),
}

export const schema = z.object({ id: z.string() })
export const keyOf = (): string => 'id'
export const run = (): void => {}
