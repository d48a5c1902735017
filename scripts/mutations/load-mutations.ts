// The mutations of the repository by name: `delivery/fence` is the entry "fence" of mutations/delivery.ts.
import { delivery } from '../../mutations/delivery.ts'
import { input } from '../../mutations/input.ts'
import type { Mutation, MutationTable } from '../../mutations/mutation.ts'
import { stores } from '../../mutations/stores.ts'

/** A mutation, its name, and the package whose sources it changes. */
export interface NamedMutation extends Mutation {
  /** `delivery/fence`. */
  readonly name: string
  /** `@tidings/sqlite`. */
  readonly package: string
}

const tables: Readonly<Record<string, MutationTable>> = { delivery, input, stores }

/** Every mutation, in the order of their names. */
export const mutations: readonly NamedMutation[] = Object.entries(tables)
  .flatMap(([table, sections]) =>
    Object.entries(sections).flatMap(([owner, entries]) =>
      Object.entries(entries).map(([name, entry]) => ({ ...entry, name: `${table}/${name}`, package: owner })),
    ),
  )
  .sort((a, b) => (a.name < b.name ? -1 : 1))
