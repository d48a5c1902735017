// Types of fields, as the schemas of all versions of a row say.

import { expect, test } from 'vitest'
import { z } from 'zod'
import { fieldTypesOf } from './field-types.ts'
import { defineTable } from './table.ts'

const rows = defineTable('rows').version(
  1,
  z.object({
    id: z.string(),
    count: z.int().nullable(),
    price: z.number().optional(),
    state: z.enum(['open', 'closed']),
    one: z.literal([0, 1]),
    open: z.boolean().default(true),
    day: z.iso.date(),
    choice: z.union([z.literal('a'), z.string().max(3), z.null()]),
    trimmed: z.string().trim().toLowerCase(),
    changed: z.string().pipe(z.coerce.number()),
    given: z.preprocess((value) => value, z.number()),
    mixed: z.union([z.string(), z.number()]),
    unknown: z.unknown(),
    long: z.string().transform((text) => text.length),
    own: z.custom<string>(() => true),
    never: z.null(),
    parts: z.array(z.string()),
  }),
)

const known = {
  id: 'text',
  count: 'number',
  price: 'number',
  state: 'text',
  one: 'number',
  open: 'boolean',
  day: 'text',
  choice: 'text',
  trimmed: 'text',
  changed: 'number',
  given: 'number',
}

test('a field has a type if all of its values have one; null and a missing field are values of every type', () => {
  const others = ['mixed', 'unknown', 'long', 'own', 'never', 'parts', 'absent', 'constructor']
  expect(fieldTypesOf(rows.key(({ id }) => id).chain, [...Object.keys(known), ...others])).toEqual(known)
})

test('a field whose type differs between versions, or is unknown in one, has none: rows of older versions stay', () => {
  const { chain } = rows
    .version(
      2,
      z.object({ id: z.string(), count: z.string(), open: z.unknown(), price: z.int(), late: z.boolean() }),
      () => ({ id: '', count: '', open: 1, price: 1, late: false }),
    )
    .key(({ id }) => id)
  expect(fieldTypesOf(chain, ['id', 'count', 'open', 'price', 'late'])).toEqual({
    id: 'text',
    price: 'number',
    late: 'boolean',
  })
})

test('a field of rows of several kinds has a type if it has the same one in each kind that has it', () => {
  const { chain } = defineTable('rows')
    .version(
      1,
      z.discriminatedUnion('kind', [
        z.object({ kind: z.literal('a'), size: z.number(), other: z.number() }),
        z.object({ kind: z.literal('b'), other: z.string() }),
      ]),
    )
    .key(({ kind }) => kind)
  expect(fieldTypesOf(chain, ['kind', 'size', 'other'])).toEqual({ kind: 'text', size: 'number' })
})

test('of a schema that derives no JSON Schema, no type is known', () => {
  const schema = { '~standard': { version: 1, vendor: 'own', validate: (value: unknown) => ({ value }) } } as const
  const { chain } = defineTable('rows')
    .version(1, schema)
    .key(() => 'a')
  expect(fieldTypesOf(chain, ['id'])).toEqual({})
})
