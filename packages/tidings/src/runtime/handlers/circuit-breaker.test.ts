// Closed, open, half open: every way from one to the other.

import { expect, test } from 'vitest'
import { createManualClock } from '../../memory/index.ts'
import { CircuitBreaker } from './circuit-breaker.ts'

function breaker() {
  const clock = createManualClock()
  const guarded = new CircuitBreaker('The post', clock, { failures: 2, pauseMs: 1_000 })
  const isOthersFault = (error: unknown) => (error as Error).message !== 'refused'
  const run = (message?: string) =>
    guarded
      .run(() => (message === undefined ? Promise.resolve('done') : Promise.reject(new Error(message))), isOthersFault)
      .catch((error: { code?: string; message: string }) => error.code ?? error.message)
  return { clock, guarded, run, isOthersFault }
}

test('opens after so many failures in a row; a success in between begins anew', async () => {
  const { guarded, run } = breaker()
  await run('down')
  await run()
  await run('down')
  expect(guarded.state).toBe('closed')
  await run('down')
  expect(guarded.state).toBe('open')
  expect(await run()).toBe('EFFECT_PAUSED')
})

test('what only concerns the work itself does not count', async () => {
  const { guarded, run } = breaker()
  for (let times = 0; times < 5; times++) expect(await run('refused')).toBe('refused')
  expect(guarded.state).toBe('closed')
})

test('is half open after the pause: one alone is tried, and decides', async () => {
  const { clock, guarded, run, isOthersFault } = breaker()
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
    isOthersFault,
  )
  expect(await run(), 'one at a time').toBe('EFFECT_PAUSED')
  answer('up again')
  expect(await probe).toBe('up again')
  expect(guarded.state).toBe('closed')
  expect(await run()).toBe('done')
})

test('opens again where the one fails, whatever the time of day does', async () => {
  const { clock, guarded, run } = breaker()
  await run('down')
  await run('down')
  clock.advance(1_000)
  expect(await run('still down')).toBe('still down')
  expect(guarded.state).toBe('open')
  clock.setNow(clock.now() + 86_400_000)
  expect(guarded.state, 'a clock that was put forward ends no pause').toBe('open')
  clock.advance(1_000)
  expect(await run()).toBe('done')
  expect(guarded.state).toBe('closed')
})
