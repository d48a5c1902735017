// Inputs of process managers: events of another service start, advance and end the instance of their key; the end publishes an event. Events
// are published 100 per command, so that the figure measures the process; a thousand instances are in progress.

import { makeStep, type OrderStep, type StepName, stepNames } from '../fulfilment.ts'
import { roundMs } from '../harness/timing.ts'
import { openFulfilment } from '../tidings/fulfilment.ts'
import type { Contender, Durability, OneFigure, Place } from '../work.ts'
import { openFulfilment as openByHand } from '../yardstick/fulfilment.ts'

const waveCount = 1_000
const commandCount = 100

/** The most events ahead of the process. */
const backlogMax = 10_000

interface Fulfilment {
  report(step: StepName, orders: readonly OrderStep[]): Promise<unknown>
  settled?(): Promise<void>
  close(): Promise<void> | void
}

const nextTurn = () => new Promise<void>((resolve) => setImmediate(resolve))

const contender =
  (open: (place: Place, handled: () => void) => Promise<Fulfilment> | Fulfilment): Contender =>
  async (place) => {
    let handled = 0
    let sent = 0
    let orders = 0
    const fulfilment = await open(place, () => {
      handled += 1
    })
    const wave = async () => {
      const steps = Array.from({ length: waveCount }, (_, index) => makeStep(orders + index))
      orders += waveCount
      for (const step of stepNames) {
        const commands = Array.from({ length: waveCount / commandCount }, (_, index) =>
          fulfilment.report(step, steps.slice(index * commandCount, (index + 1) * commandCount)),
        )
        await Promise.all(commands)
        sent += waveCount
        while (sent - handled > backlogMax) await nextTurn()
      }
    }
    return {
      round: async () => {
        const begin = performance.now()
        const before = sent
        while (performance.now() - begin < roundMs) await wave()
        while (handled < sent) await nextTurn()
        await fulfilment.settled?.()
        return ((sent - before) / (performance.now() - begin)) * 1_000
      },
      close: () => fulfilment.close(),
    }
  }

/** The row for a durability. */
export const processInputs = (durability: Durability): OneFigure => ({
  work: 'process managers: an event of another service into the instance of its key, every third ends one and publishes',
  durability,
  unit: 'inputs/s',
  marks: { yardstick: 0.4 },
  tidings: contender(openFulfilment),
  yardstick: contender(openByHand),
})
