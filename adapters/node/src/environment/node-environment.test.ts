// The environment on Node: ids grow, long timers do not fire at once, secrets do not reach the log.

import { expect, test } from 'vitest'
import { createLogSink } from './log-sink.ts'
import { nodeEnvironment } from './node-environment.ts'

const line = (fields: Readonly<Record<string, unknown>>, level: 'debug' | 'info' | 'warn' | 'error' = 'info') => ({
  level,
  time: 0,
  service: 'orders',
  message: 'It happened',
  fields,
})

test('ids are unique and grow, also within one millisecond', () => {
  const { ids } = nodeEnvironment({ log: { level: 'silent' } })
  const made = Array.from({ length: 5_000 }, () => ids.next())
  expect(new Set(made).size).toBe(made.length)
  expect([...made].sort()).toEqual(made)
  expect(made[0]).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
})

test('a timer with a longer delay than Node allows does not fire at once, and can be cancelled [trap: timers]', async () => {
  const { timeouts } = nodeEnvironment({ log: { level: 'silent' } })
  let fired = false
  const cancel = timeouts.after(30 * 24 * 3_600_000, () => {
    fired = true
  })
  await new Promise<void>((resolve) => timeouts.after(20, resolve))
  expect(fired).toBe(false)
  cancel()
})

test('callbacks of soon run in the order of their calls, after pending promise jobs', async () => {
  const { timeouts } = nodeEnvironment({ log: { level: 'silent' } })
  const order: string[] = []
  await new Promise<void>((resolve) => {
    timeouts.soon(() => order.push('first'))
    timeouts.soon(() => {
      order.push('second')
      resolve()
    })
    void Promise.resolve().then(() => order.push('job'))
  })
  expect(order).toEqual(['job', 'first', 'second'])
})

test('log lines are JSON with level, time, service and fields, and secrets are redacted at any of three levels [trap: access]', () => {
  const written: string[] = []
  const sink = createLogSink({ destination: { write: (text) => written.push(text) }, redact: ['customer.email'] })
  sink(line({ token: 'a', request: { authorization: 'b', deep: { password: 'c' } }, customer: { email: 'd', id: 7 } }))
  expect(JSON.parse(written[0]!)).toEqual({
    level: 'info',
    time: '1970-01-01T00:00:00.000Z',
    service: 'orders',
    token: '[redacted]',
    request: { authorization: '[redacted]', deep: { password: '[redacted]' } },
    customer: { email: '[redacted]', id: 7 },
    msg: 'It happened',
  })
})

test('lines below the level are not written, and a field that cannot be serialized loses no line', () => {
  const written: string[] = []
  const sink = createLogSink({ level: 'warn', destination: { write: (text) => written.push(text) } })
  sink(line({}, 'info'))
  sink(
    line(
      {
        get broken() {
          throw new RangeError('no')
        },
      },
      'error',
    ),
  )
  expect(written.map((text) => JSON.parse(text).msg)).toEqual(['It happened'])
})

test('a newline in a message or field does not start a new line', () => {
  const written: string[] = []
  const sink = createLogSink({ destination: { write: (text) => written.push(text) } })
  sink({ ...line({ key: 'a\n{"level":"error"}' }), message: 'x\ny' })
  expect(written[0]!.trimEnd().split('\n')).toHaveLength(1)
})
