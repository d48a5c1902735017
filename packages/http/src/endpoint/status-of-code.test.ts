// Every code of the registry has a status, and the classes of retry agree with it.

import { type ErrorCode, TidingsError } from 'tidings'
import { errorRegistry } from 'tidings/errors'
import { expect, test } from 'vitest'
import { errorOfProblem } from '../wire/problem.ts'
import { problemOf } from './problem-of-error.ts'
import { statusOfCode } from './status-of-code.ts'

const codes = Object.keys(errorRegistry) as ErrorCode[]

test('the table has every code of the registry and no other', () => {
  expect(Object.keys(statusOfCode).sort()).toEqual([...codes].sort())
})

test.each(codes)('%s: what may pass is never the caller’s fault', (code) => {
  const { retry } = errorRegistry[code]
  if (retry === 'unavailable') expect([500, 503]).toContain(statusOfCode[code])
  if (statusOfCode[code] < 500 && code !== 'EXPECTED_VERSION') expect(retry).toBe('never')
})

test.each(codes)('%s becomes a problem and, but for what stays inside, the same error again', (code) => {
  const problem = problemOf(new TidingsError(code, 'What happened.', { details: { key: 7 } }), 'Command x')
  expect(problem).toMatchObject({ status: statusOfCode[code], code, title: expect.any(String) })
  expect(problem.type).toMatch(/^urn:tidings:problem:[a-z-]+$/)
  expect(problem.hint).toBe(errorRegistry[code].hint)
  const again = errorOfProblem(problem, 'INVARIANT')
  expect(again.code).toBe(code)
  if (problem.status === 500) expect(JSON.stringify(problem)).not.toContain('What happened')
  else expect(again.message).toBe('What happened.')
})

test('what is no error of Tidings says nothing of the inside', () => {
  const problem = problemOf(new TypeError('password is hunter2'), 'Command x')
  expect(problem).toMatchObject({ status: 500, code: 'HANDLER_FAILED' })
  expect(JSON.stringify(problem)).not.toContain('hunter2')
})
