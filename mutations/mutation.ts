// A mutation: one safeguard of the product, taken out. Invariant: it is plain data, it applies at exactly one place, and the test it
// names goes red with it and for no other reason. `npm run mutations` holds all that.
import type { TrapName } from './traps.ts'

/** One safeguard taken out, and the test that notices. */
export interface Mutation {
  /** What the product does without it, one sentence. */
  readonly effect: string
  /** The traps that open up. */
  readonly traps: readonly TrapName[]
  /** The promises that are broken: `P4`. */
  readonly promises: readonly string[]
  /** The file that is changed, from the root. */
  readonly file: string
  /** The text that is replaced; it stands there once. */
  readonly find: string
  readonly replace: string
  /** The test that turns red: its file, and its full title, behind those of the groups it stands in: `group > title`. */
  readonly test: { readonly file: string; readonly title: string }
}
