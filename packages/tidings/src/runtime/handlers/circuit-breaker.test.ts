// The states of a circuit breaker, and every transition between them.

import { expect, test } from 'vitest'
import { createManualClock } from '../../memory/index.ts'
import { CircuitBreaker } from './circuit-breaker.ts'

function breaker() {
  const clock = createManualClock()
  const guarded = new CircuitBreaker('The post', clock, { failures: 2, pauseMs: 1_000 })
  const countsAsFailure = (error: unknown) => (error as Error).message !== 'refused'
  const run = (message?: string) =>
    guarded
      .run(
        () => (message === undefined ? Promise.resolve('done') : Promise.reject(new Error(message))),
        countsAsFailure,
      )
      .catch((error: { code?: string; message: string }) => error.code ?? error.message)
  return { clock, guarded, run, countsAsFailure }
}

test('opens after so many failures in a row; a success resets the count', async () => {
  const { guarded, run } = breaker()
  await run('down')
  await run()
  await run('down')
  expect(guarded.state).toBe('closed')
  await run('down')
  expect(guarded.state).toBe('open')
  expect(await run()).toBe('EFFECT_PAUSED')
})

test('an error that concerns only the work itself does not count', async () => {
  const { guarded, run } = breaker()
  for (let times = 0; times < 5; times++) expect(await run('refused')).toBe('refused')
  expect(guarded.state).toBe('closed')
})

test('is half open after the pause: a single call is let through, and its outcome decides', async () => {
  const { clock, guarded, run, countsAsFailure } = breaker()
  await run('down')
  await run('down')
  clock.advance(999)
  expect(guarded.state).toBe('open')
  clock.advance(1)
  expect(guarded.state).toBe('half-open')
  let answer: (value: string) => void = () => {}
  const probe = guarded.run(
    () =>
      new Promise<string>((resolve) => {
        answer = resolve
      }),
    countsAsFailure,
  )
  expect(await run(), 'one at a time').toBe('EFFECT_PAUSED')
  answer('up again')
  expect(await probe).toBe('up again')
  expect(guarded.state).toBe('closed')
  expect(await run()).toBe('done')
})

test('opens again if that call fails, even if the wall clock jumps', async () => {
  const { clock, guarded, run } = breaker()
  await run('down')
  await run('down')
  clock.advance(1_000)
  expect(await run('still down')).toBe('still down')
  expect(guarded.state).toBe('open')
  clock.setNow(clock.now() + 86_400_000)
  expect(guarded.state, 'a wall clock that was moved forward does not end the pause').toBe('open')
  clock.advance(1_000)
  expect(await run()).toBe('done')
  expect(guarded.state).toBe('closed')
})
