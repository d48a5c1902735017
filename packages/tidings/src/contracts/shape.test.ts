// Shapes: what a schema returns fits its own shape, and only what is certainly wrong is a misfit.

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import type { Schema } from './schema.ts'
import { misfitOf, type Shape, shapeOf } from './shape.ts'
import { timer } from './timer.ts'

const everything = z.object({
  id: z.string(),
  cents: z.number().transform((euros) => euros * 100),
  at: z.iso.datetime().transform((text) => ({ text })),
  count: z.int().default(1),
  kind: z.enum(['a', 'b']),
  note: z.string().optional(),
  nothing: z.string().nullable(),
  pair: z.tuple([z.string(), z.number()]),
  counts: z.record(z.string(), z.number()),
  choice: z.discriminatedUnion('k', [
    z.object({ k: z.literal('x'), v: z.number() }),
    z.object({ k: z.literal('y'), list: z.array(z.boolean()) }),
  ]),
  anything: z.unknown(),
})
const input = {
  id: 'a',
  cents: 5,
  at: '2026-01-02T03:04:05Z',
  kind: 'a',
  nothing: null,
  pair: ['p', 1],
  counts: { one: 1 },
  choice: { k: 'y', list: [true] },
  anything: [{}],
}
const shape = shapeOf(everything) as Shape
const parsed = everything.parse(input) as Record<string, unknown>

describe('misfitOf', () => {
  test('a parsed value fits its shape, with added members, and although a transform has changed its type', () => {
    expect(misfitOf(shape, parsed)).toBeUndefined()
    expect(misfitOf(shape, { ...parsed, added: 1, choice: { k: 'x', v: 1, more: 2 } })).toBeUndefined()
    expect(misfitOf(shape, { ...parsed, note: undefined })).toBeUndefined()
  })

  test.each<[string, string, Record<string, unknown>]>([
    ['/id', 'is missing', { id: undefined }],
    ['/id', 'must be of type string', { id: 7 }],
    ['/cents', 'is missing', { cents: undefined }],
    ['/count', 'must be of type integer', { count: 1.5 }],
    ['/count', 'is missing', { count: undefined }],
    ['/kind', 'must be one of "a", "b"', { kind: 'c' }],
    ['/note', 'must be of type string', { note: null }],
    ['/nothing', 'must be of type string or null', { nothing: 0 }],
    ['/pair/1', 'is missing', { pair: ['p'] }],
    ['/pair/1', 'must be of type number', { pair: ['p', 'q'] }],
    ['/counts/one', 'must be of type number', { counts: { one: 'one' } }],
    ['/choice/list', 'is missing', { choice: { k: 'y' } }],
    ['/choice/list/0', 'must be of type boolean', { choice: { k: 'y', list: [1] } }],
    ['/choice/k', 'must be "x"', { choice: { k: 'z' } }],
  ])('%s %s', (path, message, wrong) => {
    expect(misfitOf(shape, { ...parsed, ...wrong })).toEqual({ path, message })
  })

  test('a schema that refers to itself is followed as deep as the value goes', () => {
    const node = z.object({
      name: z.string(),
      get children() {
        return z.array(node).optional()
      },
    })
    const tree = shapeOf(node) as Shape
    expect(misfitOf(tree, { name: 'a', children: [{ name: 'b', children: [] }] })).toBeUndefined()
    expect(misfitOf(tree, { name: 'a', children: [{ name: 'b', children: [{}] }] })).toEqual({
      path: '/children/0/children/0/name',
      message: 'is missing',
    })
    const endless = { $ref: '#' }
    expect(misfitOf(endless, 1)).toBeUndefined()
  })

  test('no value and no shape makes it throw', () => {
    fc.assert(
      fc.property(fc.object(), fc.anything(), (any, value) => {
        misfitOf(any as Shape, value)
      }),
    )
  })
})

test('a timer without data has a shape, so an edit that gives it data is found', () => {
  const { schema } = timer().chain.latest
  expect(shapeOf(schema)).toEqual({ type: 'null' })
  expect(misfitOf(shapeOf(schema) as Shape, null)).toBeUndefined()
})

test('a schema of another library has the shape that it derives, and one that derives none has no shape', () => {
  const schema = (jsonSchema?: unknown) =>
    ({ '~standard': { version: 1, vendor: 'other', validate: (value: unknown) => ({ value }), jsonSchema } }) as Schema
  const output = ({ target, ...others }: { target: string }) =>
    target === 'draft-2020-12' && Object.keys(others).length === 0 ? { type: 'string' } : { type: 'wrong' }
  expect(shapeOf(schema({ output }))).toEqual({ type: 'string' })
  const throwing = () => {
    throw new Error('no equivalent')
  }
  for (const none of [undefined, {}, { output: throwing }, { output: () => undefined }])
    expect(shapeOf(schema(none))).toBeUndefined()
})
