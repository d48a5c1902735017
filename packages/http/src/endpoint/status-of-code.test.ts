// Every code of the registry has a status, which fits its class of retry.

import { type ErrorCode, TidingsError } from 'tidings'
import { errorRegistry } from 'tidings/errors'
import { expect, test } from 'vitest'
import { errorOfProblem } from '../wire/problem.ts'
import { problemOf } from './problem-of-error.ts'
import { statusOfCode } from './status-of-code.ts'

const codes = Object.keys(errorRegistry) as ErrorCode[]

test('the table has exactly the codes of the registry', () => {
  expect(Object.keys(statusOfCode).sort()).toEqual([...codes].sort())
})

test.each(codes)('%s: only 429 and a status of 500 or more may be worth a retry', (code) => {
  const { retry } = errorRegistry[code]
  if (retry === 'unavailable') expect([429, 500, 503]).toContain(statusOfCode[code])
  if (statusOfCode[code] < 500 && code !== 'EXPECTED_VERSION' && code !== 'TOO_MANY_REQUESTS')
    expect(retry).toBe('never')
})

test.each(codes)(
  '%s becomes a problem, and the problem becomes the same error again, without internal messages',
  (code) => {
    const problem = problemOf(new TidingsError(code, 'What happened.', { details: { key: 7 } }), 'Command x')
    expect(problem).toMatchObject({ status: statusOfCode[code], code, title: expect.any(String) })
    expect(problem.type).toMatch(/^urn:tidings:problem:[a-z-]+$/)
    const again = errorOfProblem(problem, 'INVARIANT')
    expect(again.code).toBe(code)
    if (problem.status === 500) {
      expect(JSON.stringify(problem)).not.toContain('What happened')
      expect(problem.hint, 'a caller cannot fix the service').not.toMatch(/redrive|deploy|restore/i)
    } else {
      expect(again.message).toBe('What happened.')
      expect(problem.hint).toBe(errorRegistry[code].hint)
    }
  },
)

test('the problem for a foreign error reveals nothing internal', () => {
  const problem = problemOf(new TypeError('password is hunter2'), 'Command x')
  expect(problem).toMatchObject({ status: 500, code: 'HANDLER_FAILED' })
  expect(JSON.stringify(problem)).not.toContain('hunter2')
})
