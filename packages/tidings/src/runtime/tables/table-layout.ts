// The layout of a table of the application, from its definition.

import { fieldTypesOf, type VersionChain } from '../../contracts/index.ts'
import type { TableLayout } from '../../ports/index.ts'

/** The layout under a name of the store. Its types are derived from the schemas of the rows when a store asks for them: few do. */
export function tableLayout(
  name: string,
  { chain, indexes }: { readonly chain: VersionChain; readonly indexes: readonly string[] },
): TableLayout {
  return {
    name,
    indexes,
    get columnTypes() {
      return fieldTypesOf(chain, indexes)
    },
  }
}
