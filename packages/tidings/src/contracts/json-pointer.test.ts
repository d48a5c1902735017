// Pointers into an input, with any name on the way.

import { expect, test } from 'vitest'
import { z } from 'zod'
import { defaultPayloadLimits, pointerTo, toJson, validate } from './index.ts'

/** What a pointer leads to (RFC 6901). */
const at = (value: unknown, pointer: string): unknown =>
  pointer
    .split('/')
    .slice(1)
    .reduce<unknown>(
      (part, name) => (part as Record<string, unknown>)[name.replaceAll('~1', '/').replaceAll('~0', '~')],
      value,
    )

const names = ['plain', 'a/b', 'a~b', '~1', '~0', '/', '', '~/~01', 'é', '0']

test('a path leads to the member that is wrong, whatever its name', () => {
  for (const name of names) {
    const wrong = { [name]: { inner: [Number.NaN] } }
    const schema = z.object({ [name]: z.object({ inner: z.tuple([z.string()]) }) })
    expect(at(wrong, `${pointerTo(name)}${pointerTo('inner')}${pointerTo(0)}`)).toBeNaN()
    for (const check of [() => toJson('x', wrong, defaultPayloadLimits), () => validate('x', schema, wrong)]) {
      const { path, issues } = detailsOf(check)
      expect(at(wrong, String(path ?? issues?.[0]?.path))).toBeNaN()
    }
  }
})

function detailsOf(run: () => unknown): { path?: string; issues?: readonly { path: string }[] } {
  try {
    run()
  } catch (error) {
    return (error as { details: object }).details
  }
  return {}
}
