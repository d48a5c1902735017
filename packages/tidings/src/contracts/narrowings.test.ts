// Edits of a schema: those that stored values may not fit are named with their member, and all others are none.

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { narrowingsOf } from './narrowings.ts'
import { normalShape } from './normal-shape.ts'
import { type Shape, shapeOf } from './shape.ts'

const normal = (schema: z.ZodType) => normalShape(shapeOf(schema) as Shape)
const edit = (older: z.ZodType, newer: z.ZodType) =>
  narrowingsOf(normal(older), normal(newer)).map(({ path, change }) => `${path} ${change}`)

const order = z.object({
  id: z.string(),
  total: z.number(),
  note: z.string().optional(),
  state: z.enum(['open', 'paid']),
  to: z.object({ city: z.string(), zip: z.string().nullable() }),
  lines: z.array(z.object({ article: z.string(), count: z.int() })),
  how: z.discriminatedUnion('kind', [
    z.object({ kind: z.literal('card'), digits: z.string() }),
    z.object({ kind: z.literal('cash') }),
  ]),
  names: z.record(z.string(), z.string()),
  pair: z.tuple([z.string(), z.number()]),
})
const with_ = (members: z.ZodRawShape) => order.extend(members)

describe('narrowingsOf', () => {
  test.each<[string, z.ZodType, string[]]>([
    ['a required member', with_({ currency: z.string() }), ['/currency is required now']],
    ['a member with a default', with_({ currency: z.string().default('EUR') }), ['/currency is required now']],
    ['an optional member that is required', with_({ note: z.string() }), ['/note is required now']],
    ['another type', with_({ total: z.string() }), ['/total was number, and must be string now']],
    ['whole numbers only', with_({ total: z.int() }), ['/total was number, and must be integer now']],
    ['a value that is gone', with_({ state: z.enum(['open', 'closed']) }), ['/state no longer allows "paid"']],
    ['fixed values', with_({ id: z.enum(['a', 'b']) }), ['/id must be one of "a", "b" now']],
    [
      'null that is gone',
      with_({ to: z.object({ city: z.string(), zip: z.string() }) }),
      ['/to/zip was null, and must be string now'],
    ],
    [
      'a member of the items',
      with_({ lines: z.array(z.object({ article: z.string(), count: z.int(), cents: z.int() })) }),
      ['/lines/*/cents is required now'],
    ],
    [
      'a member of one alternative',
      with_({
        how: z.discriminatedUnion('kind', [
          z.object({ kind: z.literal('card'), digits: z.string(), holder: z.string() }),
          z.object({ kind: z.literal('cash') }),
        ]),
      }),
      ['/how/holder is required now'],
    ],
    [
      'an alternative that is gone',
      with_({ how: z.object({ kind: z.literal('card'), digits: z.string() }) }),
      ['/how/kind no longer allows "cash"'],
    ],
    [
      'other values of a record',
      with_({ names: z.record(z.string(), z.number()) }),
      ['/names/* was string, and must be number now'],
    ],
    ['a longer tuple', with_({ pair: z.tuple([z.string(), z.number(), z.string()]) }), ['/pair/2 is required now']],
    ['a list in place of a value', z.array(order), [' was object, and must be array now']],
  ])('%s is a narrowing', (_what, newer, found) => {
    expect(edit(order, newer)[0]).toBe(found[0])
    expect(edit(newer, newer)).toEqual([])
  })

  test.each<[string, z.ZodType]>([
    ['an optional member', with_({ currency: z.string().optional() })],
    ['a member that is gone', order.omit({ total: true })],
    ['a value more', with_({ state: z.enum(['paid', 'new', 'open']) })],
    ['null as well', with_({ total: z.number().nullable() })],
    ['a wider type', with_({ lines: z.array(z.object({ article: z.string(), count: z.number() })) })],
    ['anything', with_({ to: z.unknown() })],
    ['members in another order', z.object(Object.fromEntries(Object.entries(order.shape).reverse()))],
    [
      'annotations',
      with_({
        id: z
          .string()
          .describe('its id')
          .meta({ title: 'Id', examples: ['a'] }),
      }),
    ],
    ['rules for texts and numbers', with_({ id: z.string().min(1).regex(/^a/), total: z.number().max(5) })],
    ['a format', with_({ id: z.email() })],
    ['a union written in another way', with_({ to: z.union([order.shape.to, z.null()]).or(z.undefined()) })],
    ['a transform, of which nothing is known', with_({ total: z.number().transform((total) => `${total}`) })],
    ['strictness', order.strict()],
    ['further members', order.loose()],
  ])('%s is no narrowing', (_what, newer) => {
    expect(edit(order, newer)).toEqual([])
  })

  test('what a library derives in another form is no narrowing', () => {
    const forms: Shape[] = [
      { type: ['string', 'null'] },
      { anyOf: [{ type: 'null' }, { type: 'string' }] },
      { oneOf: [{ $ref: '#/$defs/a' }, { type: 'null' }], $defs: { a: { type: 'string' } } },
      { $ref: '#/$defs/whole', $defs: { whole: { anyOf: [{ type: 'string', title: 'T' }, { const: null }] } } },
      { allOf: [{ type: ['null', 'string'] }] },
    ]
    for (const older of forms)
      for (const newer of forms) expect(narrowingsOf(normalShape(older), normalShape(newer))).toEqual([])
    expect(narrowingsOf(normalShape({ const: 'x' }), normalShape({ type: 'string', enum: ['y', 'x'] }))).toEqual([])
    expect(narrowingsOf(normalShape({ type: 'boolean' }), normalShape({ type: 'boolean', default: true }))).toEqual([])
  })

  test('schemas that refer to themselves are compared to the end', () => {
    const tree = (more: z.ZodRawShape) => {
      const node: z.ZodType = z.object({
        name: z.string(),
        ...more,
        get children() {
          return z.array(node)
        },
      })
      return node
    }
    expect(edit(tree({}), tree({}))).toEqual([])
    expect(edit(tree({}), tree({ size: z.number() }))).toContain('/size is required now')
  })

  test('no two shapes make it throw or run for ever, and no shape is narrower than itself', () => {
    const shapes = fc.letrec((tie) => ({
      shape: fc.oneof(
        { depthSize: 'small' },
        fc.constantFrom({}, false, { $ref: '#' }, { $ref: '#/properties/a' }, { $ref: '#/none' }),
        fc.record({ type: fc.constantFrom('string', 'number', 'integer', 'null', ['string', 'null']) }),
        fc.record({ enum: fc.array(fc.constantFrom('a', 1, null, true)) }),
        fc.record({
          type: fc.constant('object'),
          properties: fc.dictionary(fc.constantFrom('a', 'b'), tie('shape')),
          required: fc.subarray(['a', 'b']),
        }),
        fc.record({ type: fc.constant('array'), items: tie('shape') }),
        fc.record({ anyOf: fc.array(tie('shape'), { maxLength: 3 }) }),
        fc.record({ allOf: fc.array(tie('shape'), { maxLength: 2 }) }),
      ),
    })).shape as fc.Arbitrary<Shape>
    fc.assert(
      fc.property(shapes, shapes, (older, newer) => {
        narrowingsOf(normalShape(older), normalShape(newer))
        const same = JSON.stringify(older).includes('allOf') ? [] : narrowingsOf(normalShape(older), normalShape(older))
        expect(same).toEqual([])
      }),
    )
  })
})
