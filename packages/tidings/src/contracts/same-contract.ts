// Contracts are the same if their names and shapes are: a process may load a module, or the whole package, twice.

import type { VersionChain } from './versions.ts'

interface Named {
  readonly kind: string
  readonly name: string
  readonly owner?: string
  readonly chain: VersionChain
}

/** Whether two events or two effects are the same contract in the same version, even if they are two objects. */
export function isSameContract(one: Named, other: Named): boolean {
  if (one === other) return true
  // Plain JavaScript may pass what is no contract.
  if (other?.chain === undefined) return false
  return (
    one.name === other.name &&
    one.kind === other.kind &&
    one.owner === other.owner &&
    one.chain.latest.version === other.chain.latest.version
  )
}
