// A mutation: one safeguard of the product, removed. Invariant: it is plain data, it applies at exactly one place of its package, and
// the test it names turns red with it and for no other reason. `npm run mutations` checks all that.
import type { TrapName } from './traps.ts'

/** One safeguard removed, and the test that notices. */
export interface Mutation {
  /** What the product does without it, one sentence. */
  readonly effect: string
  /** The code that is replaced. It occurs once in the sources of the package; spaces and line breaks do not matter. */
  readonly find: string
  /** What replaces it. Default: nothing. */
  readonly replace?: string
  /** The full title of the test that turns red, with its groups in front: `group > title`. */
  readonly test: string
  /** The promises that are broken: `P4`. Default: those in the test's title. */
  readonly promises?: readonly string[]
  /** The traps that it leads into. Default: those in the test's title. */
  readonly traps?: readonly TrapName[]
}

/** Mutations by name, in the section of the package whose sources they change. */
export type MutationTable = Readonly<Record<string, Readonly<Record<string, Mutation>>>>
