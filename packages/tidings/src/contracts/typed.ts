// Gives a contract the types that it carries. They exist for the compiler alone: no value has the member.

/** A contract that carries types. */
interface Typed {
  readonly '~types': unknown
}

/** Returns the contract as it is. */
export function typed<C extends Typed>(contract: Omit<C, '~types'>): C {
  return contract as C
}
