// Inputs of process managers: events of another service start, advance and end the instance of their key; the end publishes an event. Events
// are published 100 per command, so that the figure measures the process; a thousand instances are in progress.

import { makeStep, type OrderStep, type StepName, stepNames } from '../fulfilment.ts'
import { Counter } from '../harness/counter.ts'
import { beginRound, rateOf } from '../harness/cpu.ts'
import { openFulfilment } from '../tidings/fulfilment.ts'
import type { Contender, Durability, OneFigure, Place } from '../work.ts'
import { openFulfilment as openByHand } from '../yardstick/fulfilment.ts'
import { openRows } from '../yardstick/instances-as-rows.ts'
import { openHistory } from '../yardstick/instances-with-history.ts'

const waveCount = 1_000
const commandCount = 100

/** The most events ahead of the process. */
const backlogMax = 10_000

interface Fulfilment {
  report(step: StepName, orders: readonly OrderStep[]): Promise<unknown>
  settled?(): Promise<void>
  close(): Promise<void> | void
}

const contender =
  (open: (place: Place, handled: () => void) => Promise<Fulfilment> | Fulfilment): Contender =>
  async (place) => {
    const handled = new Counter()
    let sent = 0
    let orders = 0
    const fulfilment = await open(place, handled.add)
    const wave = async () => {
      const steps = Array.from({ length: waveCount }, (_, index) => makeStep(orders + index))
      orders += waveCount
      for (const step of stepNames) {
        const commands = Array.from({ length: waveCount / commandCount }, (_, index) =>
          fulfilment.report(step, steps.slice(index * commandCount, (index + 1) * commandCount)),
        )
        await Promise.all(commands)
        sent += waveCount
        await handled.atLeast(sent - backlogMax)
      }
    }
    const round = async () => {
      const over = beginRound()
      const before = sent
      while (!over()) await wave()
      await handled.atLeast(sent)
      await fulfilment.settled?.()
      return sent - before
    }
    return {
      round: () => rateOf(round),
      close: () => fulfilment.close(),
    }
  }

/** The row for a durability, beside a yardstick that keeps facts and history as Tidings does, or a row of state alone. */
export const processInputs = (beside: 'history' | 'row', durability: Durability): OneFigure => ({
  work: beside === 'history' ? 'process managers' : 'process managers, beside a row of state',
  about:
    beside === 'history'
      ? 'Events of another service go into the instance of their key; every third ends one and publishes. Both keep facts, a step for each input, and the state.'
      : 'The same, but the work by hand keeps the present state alone, which does not show how it came about.',
  durability,
  unit: 'inputs/s',
  marks: beside === 'history' ? { yardstick: 0.7 } : {},
  tidings: contender(openFulfilment),
  yardstick: contender((place, handled) => openByHand(place, beside === 'history' ? openHistory : openRows, handled)),
})
