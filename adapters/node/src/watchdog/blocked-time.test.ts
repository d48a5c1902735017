// What counts as blocked, and what does not.

import { expect, test } from 'vitest'
import { BlockedTime } from './blocked-time.ts'

const tickMs = 100
const start = { nowMs: 0, beats: 7 }

test('time counts from the last time the main thread came round', () => {
  const time = new BlockedTime(tickMs, start)
  for (const nowMs of [100, 200, 300]) time.look({ nowMs, beats: 7, counts: true })
  expect([time.blockedMs, time.awayMs]).toEqual([300, 300])
  time.look({ nowMs: 400, beats: 8, counts: true })
  expect([time.blockedMs, time.awayMs]).toEqual([0, 0])
})

test('time in which nobody looked counts as one tick: the process was stopped, or the machine slept', () => {
  const time = new BlockedTime(tickMs, start)
  time.look({ nowMs: 100, beats: 7, counts: true })
  time.look({ nowMs: 3_600_000, beats: 7, counts: true })
  expect([time.blockedMs, time.awayMs]).toEqual([200, 200])
})

test('long work and a debugger do not count, and what came before them is forgotten', () => {
  const time = new BlockedTime(tickMs, start)
  time.look({ nowMs: 100, beats: 7, counts: true })
  time.look({ nowMs: 200, beats: 7, counts: false })
  expect([time.blockedMs, time.awayMs]).toEqual([0, 200])
  time.look({ nowMs: 300, beats: 7, counts: true })
  expect([time.blockedMs, time.awayMs]).toEqual([100, 300])
})

test('waiting for a disk does not count, and a loop that waits for one now and then is still found', () => {
  const time = new BlockedTime(tickMs, start)
  for (const nowMs of [100, 200]) time.look({ nowMs, beats: 7, counts: true })
  for (const nowMs of [300, 400]) time.look({ nowMs, beats: 7, counts: true, isWaiting: true })
  expect([time.blockedMs, time.awayMs]).toEqual([200, 400])
  time.look({ nowMs: 500, beats: 7, counts: true })
  expect([time.blockedMs, time.awayMs]).toEqual([300, 500])
})
