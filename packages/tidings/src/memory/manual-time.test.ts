// Time, ids and randomness under control of a test: the same calls give the same run, every time.

import { describe, expect, test } from 'vitest'
import { createManualClock } from './manual-clock.ts'
import { createManualTimeouts, type ManualTimeouts } from './manual-timeouts.ts'
import { createMemoryLogSink } from './memory-log-sink.ts'
import { createSeededRandom } from './seeded-random.ts'
import { createSequentialIds } from './sequential-ids.ts'

function timeline() {
  const clock = createManualClock(1_000)
  const timeouts = createManualTimeouts(clock)
  const seen: string[] = []
  return { clock, timeouts, seen, note: (what: string) => () => void seen.push(`${what}@${clock.monotonicMs()}`) }
}

describe('the manual clock', () => {
  test('does not move by itself, advances both times, and jumps only the time of day', () => {
    const clock = createManualClock(1_000)
    expect([clock.now(), clock.monotonicMs()]).toEqual([1_000, 0])
    clock.advance(0.5)
    clock.setNow(10)
    expect([clock.now(), clock.monotonicMs()]).toEqual([10, 0.5])
    clock.advance(2)
    expect([clock.now(), clock.monotonicMs()]).toEqual([12, 2.5])
  })

  test('never moves back', () => {
    expect(() => createManualClock().advance(-1)).toThrow('Invariant')
  })

  test('runs each alarm at its own moment, in the order of moments, then of calls', () => {
    const { clock, timeouts, seen, note } = timeline()
    timeouts.after(30, note('late'))
    timeouts.after(10, note('first'))
    timeouts.after(10, note('second'))
    timeouts.after(20, () => {
      note('middle')()
      timeouts.after(5, note('inner'))
      timeouts.after(0, note('at once'))
    })
    clock.advance(25)
    expect(seen).toEqual(['first@10', 'second@10', 'middle@20', 'at once@20', 'inner@25'])
    expect(timeouts.waiting).toBe(1)
    clock.advance(100)
    expect(seen.at(-1)).toBe('late@30')
    expect(clock.monotonicMs()).toBe(125)
  })
})

describe('the manual timeouts', () => {
  test('a cancelled callback does not run, and cancelling twice or late is no error', () => {
    const { clock, timeouts, seen, note } = timeline()
    const cancel = timeouts.after(5, note('never'))
    cancel()
    cancel()
    const late = timeouts.after(5, note('runs'))
    clock.advance(5)
    late()
    expect(seen).toEqual(['runs@5'])
  })

  test('a delay beyond 2^31-1 is a bug: real timers would fire at once', () => {
    expect(() => timeline().timeouts.after(2 ** 31, () => {})).toThrow('Invariant')
  })

  test('soon runs callbacks in the order of calls, after the pending promise jobs', async () => {
    const { timeouts, seen, note } = timeline()
    timeouts.soon(note('one'))
    timeouts.soon(note('two'))
    const jobs = async () => {
      for (let job = 0; job < 20; job++) await undefined
      note('jobs')()
    }
    void jobs()
    expect(seen).toEqual([])
    await timeouts.advance(0)
    expect(seen).toEqual(['jobs@0', 'one@0', 'two@0'])
  })

  test('advance lets promise jobs finish between callbacks', async () => {
    const { timeouts, seen, note } = timeline()
    timeouts.after(10, () => void Promise.resolve().then(note('job of 10')))
    timeouts.after(20, note('20'))
    await timeouts.advance(50)
    expect(seen).toEqual(['job of 10@10', '20@20'])
  })

  test('skip puts off what is due soon, runs nothing, and stops before what is due later', async () => {
    const { clock, timeouts, seen, note } = timeline()
    timeouts.after(10, note('soon'))
    timeouts.after(5_000, note('later'))
    expect(timeouts.skip(1_000, 100)).toBe(1_000)
    expect(timeouts.skip(1_000_000, 100)).toBe(3_999)
    expect(clock.monotonicMs()).toBe(4_999)
    expect(seen).toEqual([])
    await timeouts.advance(100)
    expect(seen).toEqual(['later@5000', 'soon@5009'])
    expect(timeouts.skip(1_000_000, 100), 'nothing is due').toBe(1_000_000)
  })

  test('runUntil advances from callback to callback until the work is done, and no further', async () => {
    const { clock, timeouts } = timeline()
    const sleep = (ms: number) => new Promise<void>((resolve) => timeouts.after(ms, resolve))
    const work = async () => {
      for (const ms of [1_000, 60_000, 5]) await sleep(ms)
      return clock.monotonicMs()
    }
    timeouts.after(3_600_000, () => {})
    expect(await timeouts.runUntil(work())).toBe(61_005)
    expect(clock.monotonicMs()).toBe(61_005)
  })

  test('runUntil rejects if the work fails', async () => {
    const { timeouts } = timeline()
    await expect(timeouts.runUntil(Promise.reject(new RangeError('no')))).rejects.toThrow('no')
  })

  test('runUntil gives up if no callback is left, and if the limit has passed', async () => {
    const { timeouts } = timeline()
    const never = new Promise(() => {})
    await expect(timeouts.runUntil(never)).rejects.toMatchObject({ code: 'TIMED_OUT' })
    const again = () => void timeouts.after(1_000, again)
    again()
    await expect(timeouts.runUntil(never, 10_000)).rejects.toMatchObject({ code: 'TIMED_OUT' })
  })

  const endless: Readonly<Record<string, (timeouts: ManualTimeouts, again: () => void) => unknown>> = {
    soon: (timeouts, again) => timeouts.soon(again),
    'after 0 ms': (timeouts, again) => timeouts.after(0, again),
    'after a promise': (timeouts, again) => Promise.resolve().then(() => timeouts.after(0, again)),
  }
  for (const [how, schedule] of Object.entries(endless)) {
    test(`a callback that schedules itself for ever at one moment ends in an error: ${how}`, async () => {
      const clock = createManualClock()
      const timeouts = createManualTimeouts(clock, { callbacksMax: 1_000 })
      let ran = 0
      let over = false
      const again = () => {
        ran++
        if (!over) schedule(timeouts, again)
      }
      again()
      const overrun = { code: 'TIMED_OUT', message: expect.stringContaining('More than 1000 callbacks') }
      await expect(timeouts.runUntil(new Promise(() => {}))).rejects.toMatchObject(overrun)
      expect(ran).toBeLessThan(1_100)
      await expect(timeouts.advance(10)).rejects.toMatchObject(overrun)
      expect(ran).toBeLessThan(2_200)
      // After it has stopped, time advances again.
      over = true
      await timeouts.advance(10)
      expect(clock.monotonicMs()).toBe(10)
    })
  }
})

test('many calls at one moment are not an endless loop', async () => {
  const timeouts = createManualTimeouts(createManualClock(), { callbacksMax: 100 })
  for (let call = 0; call < 200; call++) await timeouts.runUntil(new Promise<void>((resolve) => timeouts.soon(resolve)))
  for (let call = 0; call < 200; call++) {
    timeouts.after(0, () => {})
    await timeouts.advance(0)
  }
})

describe('ids, randomness and log lines', () => {
  test('ids count up, are valid and sort in order', () => {
    const ids = createSequentialIds('e')
    const given = Array.from({ length: 12 }, () => ids.next())
    expect(given.slice(0, 2)).toEqual(['e-000000000001', 'e-000000000002'])
    expect(given).toEqual([...given].sort())
    for (const id of given) expect(id).toMatch(/^[A-Za-z0-9-]{1,64}$/)
    expect(createSequentialIds('p'.repeat(51)).next()).toHaveLength(64)
    for (const prefix of ['', 'a b', 'p'.repeat(52)]) expect(() => createSequentialIds(prefix)).toThrow('Invariant')
  })

  test('a seed gives the same numbers as mulberry32', () => {
    const random = createSeededRandom(0)
    expect([random.next(), random.next()]).toEqual([0.26642920868471265, 0.0003297457005828619])
    expect(createSeededRandom(42).next()).toBe(createSeededRandom(42).next())
    expect(createSeededRandom(42).next()).not.toBe(createSeededRandom(43).next())
  })

  test('numbers are from 0 to below 1 and evenly distributed', () => {
    const random = createSeededRandom(7)
    const tenths = new Array<number>(10).fill(0)
    for (let i = 0; i < 10_000; i++) {
      const number = random.next()
      expect(number >= 0 && number < 1).toBe(true)
      tenths[Math.floor(number * 10)]! += 1
    }
    for (const count of tenths) expect(Math.abs(count - 1_000)).toBeLessThan(150)
  })

  test('the log sink keeps the newest lines', () => {
    const { sink, lines } = createMemoryLogSink(2)
    for (const message of ['a', 'b', 'c']) sink({ level: 'info', time: 0, service: undefined, message, fields: {} })
    expect(lines.map(({ message }) => message)).toEqual(['b', 'c'])
  })
})
