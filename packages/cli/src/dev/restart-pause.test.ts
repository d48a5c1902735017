// A system that dies at each start is restarted less and less often; one that had run for a while is restarted at once.

import { expect, test } from 'vitest'
import { nextPause } from './restart-pause.ts'

test('the pause doubles with each death, up to 16 seconds', () => {
  const pauses: number[] = []
  for (let deaths = 0; pauses.length < 8; ) {
    const pause = nextPause(deaths, 100)
    deaths = pause.deaths
    pauses.push(pause.pauseMs)
  }
  expect(pauses).toEqual([500, 1_000, 2_000, 4_000, 8_000, 16_000, 16_000, 16_000])
})

test('after a run of ten seconds, the pause is short again', () => {
  expect(nextPause(5, 10_000)).toEqual({ deaths: 1, pauseMs: 500 })
  expect(nextPause(5, 9_999)).toEqual({ deaths: 6, pauseMs: 16_000 })
})
