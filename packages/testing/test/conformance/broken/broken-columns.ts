// Damage to columns with a type, and the tests that notice it.

import type { ColumnValue, Store, TableLayout } from 'tidings/ports'
import type { Mutation } from './break-driver.ts'

function withParts(parts: (store: Store) => Partial<Store>): Mutation['damage'] {
  return () => ({ store: (store) => ({ ...store, ...parts(store) }) })
}

type Type = 'text' | 'number' | 'boolean'

const typeOf = (value: ColumnValue): Type | undefined => {
  if (value === null) return undefined
  return typeof value === 'string' ? 'text' : (typeof value as 'number' | 'boolean')
}

/** Violations by a store that keeps the values of a column in its type. */
export const brokenColumns: readonly Mutation[] = [
  {
    wrong: 'a value of another type is converted before it is compared',
    damage: withParts((store) => {
      let types: TableLayout['columnTypes'] = {}
      return {
        ensureTable: async (layout) => {
          types = layout.columnTypes
          await store.ensureTable(layout)
        },
        find: (query) => {
          const { index } = query
          const type = index === undefined ? undefined : types?.[index.column]
          if (type === undefined || index?.equals === undefined || index.equals === null) return store.find(query)
          const equals =
            type === 'text' ? String(index.equals) : type === 'number' ? Number(index.equals) : index.equals
          return store.find({ ...query, index: { ...index, equals } })
        },
      }
    }),
    noticedBy: ['a column of type text is read', 'a column of type number is read'],
  },
  {
    wrong: 'rows whose values do not fit the type of their column lose them',
    damage: withParts((store) => ({
      ensureTable: async (layout) => {
        const type = layout.columnTypes?.value
        const there = (await store.tableNames()).includes(layout.name)
        await store.ensureTable(layout)
        if (type === undefined || !there || layout.indexes.length === 0) return
        const rows = await store.find({ table: layout.name, index: { column: 'value' }, limit: 1_000 })
        const odd = rows.filter(({ json }) => ![type, undefined].includes(typeOf(JSON.parse(json).value ?? null)))
        await store.commit({
          checks: [],
          rows: odd.map(({ key, json }) => ({
            table: layout.name,
            key,
            row: { schemaVersion: 1, json, columns: [null] },
          })),
          appends: [],
          events: [],
        })
      },
    })),
    noticedBy: ['rows with values of another type are kept'],
  },
]
