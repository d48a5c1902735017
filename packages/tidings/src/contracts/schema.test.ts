// Validation by schemas of any library: a value or an error with a code; never another error, and never an unhandled rejection.

import { setImmediate as nextTask } from 'node:timers/promises'
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
const schemaOf = (run: () => unknown): Schema =>
  ({ '~standard': { version: 1, vendor: 'test', validate: run } }) as unknown as Schema

test.each([
  ['a schema whose transformation throws', throwing, 'no address', 'INVALID_CONTRACT'],
  ['a schema that recurses too deep', tree, deep(), 'INVALID_CONTRACT'],
  ['an asynchronous schema', z.string().refine(async () => true), 'text', 'INVALID_CONTRACT'],
  ['an asynchronous schema that throws', schemaOf(() => Promise.reject(new Error('late'))), 'text', 'INVALID_CONTRACT'],
  [
    'a schema that throws',
    schemaOf(() => {
      throw new Error('no')
    }),
    'text',
    'INVALID_PAYLOAD',
  ],
  ['a schema without a result', schemaOf(() => undefined), 'text', 'INVALID_CONTRACT'],
])(
  'P11: %s refuses with a code, and leaves no unhandled rejection [trap: payloads]',
  async (_what, schema, value, code) => {
    const unhandled: unknown[] = []
    const record = (error: unknown) => unhandled.push(error)
    process.on('unhandledRejection', record)
    onTestFinished(() => void process.off('unhandledRejection', record))
    expect(() => validate('It', schema as Schema, value)).toThrow(expect.objectContaining({ code }))
    await nextTask()
    await nextTask()
    expect(unhandled, 'nothing that would end the process').toEqual([])
  },
)

test('a valid value is returned as the schema transforms it', () => {
  expect(validate('It', throwing, 'http://example.org')).toBe('http://example.org/')
})
