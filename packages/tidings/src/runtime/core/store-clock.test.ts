// The clock of a shared store: how wrong an instance may be about it, and what that costs.

import { describe, expect, test } from 'vitest'
import { TidingsError } from '../../errors/index.ts'
import { createManualClock } from '../../memory/manual-clock.ts'
import { StoreClock } from './store-clock.ts'

/** A store and a machine; `callMs`: how long the next calls take there and back. */
async function machine(callMs: readonly [number, number] = [0, 0]) {
  const ofStore = createManualClock(1_767_225_600_000)
  const host = createManualClock(0)
  const state = { calls: 0, callMs, isDown: false }
  const advance = (ms: number, ofHostMs = ms) => {
    ofStore.advance(ms)
    host.advance(ofHostMs)
  }
  const store = {
    now: async () => {
      state.calls++
      if (state.isDown) throw new TidingsError('STORE_UNAVAILABLE', 'It is down.')
      advance(state.callMs[0])
      const time = Math.floor(ofStore.now())
      await undefined
      advance(state.callMs[1])
      return time
    },
  }
  const clock = await StoreClock.open(store, host)
  const wrongMs = () => clock.now() - ofStore.now()
  return { clock, ofStore, host, state, advance, wrongMs }
}

describe('the clock of a shared store', () => {
  test('is read without a call: 100,000 readings in a second ask the store once', async () => {
    const { clock, state, advance } = await machine()
    for (let reading = 0; reading < 100_000; reading++) {
      advance(0.01)
      clock.now()
    }
    expect(state.calls).toBe(1)
    advance(1)
    clock.now()
    clock.now()
    expect(state.calls, 'then it is measured again, once').toBe(2)
  })

  test('is behind by no more than a call takes, and never ahead', async () => {
    for (const callMs of [
      [0, 0],
      [5, 0],
      [0, 5],
      [40, 60],
    ] as const) {
      const { wrongMs, advance } = await machine(callMs)
      advance(333.3)
      expect(wrongMs()).toBeLessThanOrEqual(0)
      expect(wrongMs()).toBeGreaterThan(-callMs[1] - 2)
    }
  })

  test('is not made worse by a call that takes long', async () => {
    const { clock, state, wrongMs } = await machine()
    state.callMs = [2_000, 3_000]
    await clock.measure()
    state.callMs = [0, 0]
    expect(Math.abs(wrongMs())).toBeLessThan(2)
  })

  test('follows a store whose clock is put forward or back, and a machine whose own runs too fast', async () => {
    const { clock, ofStore, wrongMs, advance } = await machine()
    for (const byMs of [3_600_000, -7_200_000, 10, -10]) {
      ofStore.setNow(ofStore.now() + byMs)
      await clock.measure()
      expect(wrongMs()).toBeLessThanOrEqual(0)
      expect(wrongMs()).toBeGreaterThan(-2)
    }
    for (let seconds = 0; seconds < 10_000; seconds++) {
      advance(1_000, 1_000.5)
      await clock.refresh()
      expect(Math.abs(wrongMs())).toBeLessThan(2.5)
    }
  })

  test('does not depend on the time of day of the machine', async () => {
    const { host, wrongMs, advance } = await machine()
    host.setNow(8_000_000_000_000)
    advance(10)
    expect(Math.abs(wrongMs())).toBeLessThan(2)
  })

  test('goes on while the store does not answer, and asks it once a second', async () => {
    const { clock, state, wrongMs, advance } = await machine()
    state.isDown = true
    for (let tenths = 0; tenths < 100; tenths++) {
      advance(100)
      expect(Math.abs(wrongMs())).toBeLessThan(2)
      await Promise.resolve()
    }
    expect(state.calls).toBeLessThanOrEqual(11)
    await expect(clock.measure()).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' })
  })
})
