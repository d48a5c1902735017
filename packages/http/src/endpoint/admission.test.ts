// Admission on a clock of its own: who begins in which round, who is refused, and what the log says.

import { createManualClock } from 'tidings/memory'
import type { LogLine } from 'tidings/ports'
import { expect, test } from 'vitest'
import { Admission } from './admission.ts'

/** An admission whose rounds are run by hand. */
function admission(waitMsMax = 1_000) {
  const clock = createManualClock()
  const lines: LogLine[] = []
  const timers: { at: number; run: () => void }[] = []
  let soon: (() => void)[] = []
  const timeouts = {
    after: (delayMs: number, run: () => void) => {
      timers.push({ at: clock.monotonicMs() + delayMs, run })
      return () => {}
    },
    soon: (run: () => void) => void soon.push(run),
  }
  const admitted = new Admission({
    who: 'this process',
    waitMsMax,
    environment: { clock, timeouts, log: (line) => lines.push(line) },
  })
  const outcomes: string[] = []
  const settle = async () => {
    for (let job = 0; job < 10; job++) await undefined
  }
  /** Asks for a turn; what has begun takes so many milliseconds. */
  const ask = (name: string, workMs = 0) => {
    const begin = () => {
      outcomes.push(name)
      clock.advance(workMs)
    }
    const refuse = (error: unknown) => void outcomes.push(`${name} ${(error as { code: string }).code}`)
    try {
      const turn = admitted.admit()
      if (turn === undefined) begin()
      else turn.then(begin, refuse)
    } catch (error) {
      refuse(error)
    }
  }
  /** One round: what was planned runs, one callback after the other, each with what it leads to. */
  const round = async () => {
    const due = soon
    soon = []
    for (const run of due) {
      run()
      await settle()
    }
    return due.length
  }
  const passTime = (ms: number) => {
    clock.advance(ms)
    for (const timer of timers.splice(0)) timer.at <= clock.monotonicMs() ? timer.run() : timers.push(timer)
  }
  const taken = () => outcomes.splice(0)
  return { admitted, ask, round, passTime, taken, lines, clock }
}

test('requests begin at once while there is time; the others begin in later rounds, in the order they came', async () => {
  const { ask, round, taken } = admission()
  for (let number = 0; number < 7; number++) ask(`r${number}`, 4)
  expect(taken()).toEqual(['r0', 'r1', 'r2'])
  await round()
  // Those of the next round wait for a callback each, so that other work has its turn in between.
  ask('late', 4)
  await round()
  expect(taken()).toEqual(['r3', 'r4', 'r5'])
  await round()
  expect(taken()).toEqual(['r6', 'late'])
  ask('free', 4)
  await round()
  await round()
  expect(taken()).toEqual(['free'])
})

test('an admission that is idle plans nothing', async () => {
  const { ask, round } = admission()
  ask('a')
  expect(await round()).toBe(1)
  expect(await round()).toBe(0)
})

test('a burst waits; a line that stays is refused from, with one log line when it begins and one when it ends', async () => {
  const { admitted, ask, round, passTime, taken, lines } = admission()
  for (let number = 0; number < 60; number++) ask('burst', 10)
  for (let rounds = 0; rounds < 2; rounds++) await round()
  passTime(150)
  ask('second', 10)
  expect(taken().filter((outcome) => outcome.includes('OVERLOADED'))).toEqual([])
  for (let rounds = 0; rounds < 40; rounds++) await round()
  ask('third', 10)
  ask('fourth', 10)
  expect(taken().filter((outcome) => outcome.includes('OVERLOADED'))).toEqual(['third OVERLOADED', 'fourth OVERLOADED'])
  expect(admitted.refusedCount).toBe(2)
  expect(lines.map(({ level }) => level)).toEqual(['warn'])
  for (let rounds = 0; rounds < 60; rounds++) await round()
  passTime(6_000)
  ask('calm')
  expect(taken().at(-1)).toBe('calm')
  expect(lines.at(-1)).toMatchObject({ level: 'info', fields: { refused: 2 } })
})

test('nothing waits longer than waitMsMax: it is refused when its turn comes', async () => {
  const { ask, round, passTime, taken } = admission(300)
  ask('first', 10)
  for (const name of ['a', 'b']) ask(name, 400)
  await round()
  await round()
  expect(taken()).toEqual(['first', 'a'])
  passTime(1)
  await round()
  expect(taken()).toEqual(['b OVERLOADED'])
})
