// Validation by schemas of any library: a yes, a no, or a code; never an error of their own, and never one behind everybody's back.

import { setImmediate as turn } from 'node:timers/promises'
import { expect, onTestFinished, test } from 'vitest'
import { z } from 'zod'
import { type Schema, validate } from './schema.ts'

const tree: z.ZodType = z.lazy(() => z.object({ in: tree.optional() }))
const deep = (): unknown => {
  let value: unknown = {}
  for (let level = 0; level < 100_000; level++) value = { in: value }
  return value
}
const throwing = z.string().transform((text) => new URL(text).href)
const standing = (run: () => unknown): Schema =>
  ({ '~standard': { version: 1, vendor: 'test', validate: run } }) as unknown as Schema

test.each([
  ['a schema whose transformation throws', throwing, 'no address', 'INVALID_CONTRACT'],
  ['a schema that goes down too deep', tree, deep(), 'INVALID_CONTRACT'],
  ['a schema that waits', z.string().refine(async () => true), 'text', 'INVALID_CONTRACT'],
  ['a schema that waits and throws', standing(() => Promise.reject(new Error('late'))), 'text', 'INVALID_CONTRACT'],
  [
    'a schema that throws',
    standing(() => {
      throw new Error('no')
    }),
    'text',
    'INVALID_PAYLOAD',
  ],
  ['a schema without a result', standing(() => undefined), 'text', 'INVALID_CONTRACT'],
])(
  'P11: %s refuses with a code, and ends nothing behind its back [trap: payloads]',
  async (_what, schema, value, code) => {
    const unheard: unknown[] = []
    const hear = (error: unknown) => unheard.push(error)
    process.on('unhandledRejection', hear)
    onTestFinished(() => void process.off('unhandledRejection', hear))
    expect(() => validate('It', schema as Schema, value)).toThrow(expect.objectContaining({ code }))
    await turn()
    await turn()
    expect(unheard, 'nothing that would end the process').toEqual([])
  },
)

test('what is valid is given out as the schema makes it', () => {
  expect(validate('It', throwing, 'http://example.org')).toBe('http://example.org/')
})
