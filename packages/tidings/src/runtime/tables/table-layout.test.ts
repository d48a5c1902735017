// A store learns the types of a table's columns from the schemas of its rows, when it asks for them.

import { expect, test } from 'vitest'
import { z } from 'zod'
import { defineTable } from '../../contracts/index.ts'
import { tableLayout } from './table-layout.ts'

test('the layout of a table names the types of its indexed fields', () => {
  const parcels = defineTable('parcels')
    .version(
      1,
      z.object({ id: z.string(), state: z.enum(['new', 'sent']), grams: z.int().nullable(), note: z.unknown() }),
    )
    .key(({ id }) => id)
    .index('state')
    .index('grams')
    .index('note')
  const layout = tableLayout('parcels@2', parcels)
  expect(layout.columnTypes).toEqual({ state: 'text', grams: 'number' })
  expect({ ...layout }).toEqual({
    name: 'parcels@2',
    indexes: ['state', 'grams', 'note'],
    columnTypes: { state: 'text', grams: 'number' },
  })
})
