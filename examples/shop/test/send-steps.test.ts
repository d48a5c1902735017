// Sending steps: the order within a sequence, the limit, and the end.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { sendSteps } from '../run/send-steps.ts'
import type { Step } from '../steps/step.ts'

const step = (sequence: string, number: number): Step => ({
  service: 'orders',
  command: 'place-order',
  input: {},
  occurredAt: number,
  idempotencyKey: `${number}`,
  sequence,
})

const nextTurn = () => new Promise<void>((resolve) => setImmediate(resolve))

test('steps of a sequence keep their order, sequences run at the same time, and the limit holds', async () => {
  const sequences = fc.array(fc.tuple(fc.constantFrom('a', 'b', 'c', 'd'), fc.nat(3)), { maxLength: 40 })
  const property = fc.asyncProperty(sequences, fc.integer({ min: 1, max: 6 }), async (plan, stepsMax) => {
    const steps = plan.map(([sequence], index) => step(sequence, index))
    const begun: Step[] = []
    const busy = new Set<string>()
    await sendSteps(steps, {
      stepsMax,
      send: async (sent) => {
        expect(busy.has(sent.sequence)).toBe(false)
        busy.add(sent.sequence)
        expect(busy.size).toBeLessThanOrEqual(stepsMax)
        begun.push(sent)
        for (let waits = plan[sent.occurredAt]?.[1] ?? 0; waits > 0; waits--) await nextTurn()
        busy.delete(sent.sequence)
      },
    })
    expect(begun).toHaveLength(steps.length)
    for (const sequence of ['a', 'b', 'c', 'd']) {
      expect(begun.filter((sent) => sent.sequence === sequence)).toEqual(
        steps.filter((sent) => sent.sequence === sequence),
      )
    }
  })
  await fc.assert(property, { numRuns: 50 })
})

test('a failure ends the sending after the steps in progress; no later step is begun', async () => {
  const begun: number[] = []
  const sending = sendSteps([step('a', 0), step('b', 1), step('a', 2), step('c', 3)], {
    stepsMax: 3,
    send: async ({ occurredAt }) => {
      begun.push(occurredAt)
      await nextTurn()
      if (occurredAt === 0) throw new Error('no')
    },
  })
  await expect(sending).rejects.toThrow('no')
  expect(begun).toEqual([0, 1])
})

test('a signal ends the sending after the steps in progress', async () => {
  const controller = new AbortController()
  let answered = 0
  const endless = function* () {
    for (let number = 0; ; number++) yield step(`${number}`, number)
  }
  await sendSteps(endless(), {
    signal: controller.signal,
    stepsMax: 8,
    send: async ({ occurredAt }) => {
      if (occurredAt === 20) controller.abort()
      await nextTurn()
      answered++
    },
  })
  expect(answered).toBeGreaterThanOrEqual(21)
  expect(answered).toBeLessThanOrEqual(29)
})
