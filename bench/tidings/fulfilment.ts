// Two services in Tidings: one publishes what happens to orders, a process manager in the other follows each order from start to end.

import { defineCommand, defineEvent, defineService, fact } from 'tidings'
import * as z from 'zod'
import { OrderFulfilled, OrderStep, ReportSteps, type StepName } from '../fulfilment.ts'
import type { Place } from '../work.ts'
import { openSystem } from './open-system.ts'

const stepEvent = (step: StepName) =>
  defineEvent(`bench.order-${step}`, { owner: 'orders', pattern: 'event-sourcing' })
    .version(1, OrderStep)
    .key((order) => order.orderId)

const events = { placed: stepEvent('placed'), paid: stepEvent('paid'), delivered: stepEvent('delivered') }

const Fulfilled = defineEvent('bench.order-fulfilled', { owner: 'fulfilment', pattern: 'notification' })
  .version(1, OrderFulfilled)
  .key((order) => order.orderId)

const ReportStepsCommand = defineCommand('report-steps', { input: ReportSteps })

function orders() {
  const publishes = [events.placed, events.paid, events.delivered]
  const service = defineService('orders', { publishes })
  return service.with({
    reportSteps: service.command(ReportStepsCommand, { publishes }, (input, { publish }) => {
      for (const order of input.orders) publish(events[input.step], order)
    }),
  })
}

function fulfilment(handled: () => void) {
  const service = defineService('fulfilment', { publishes: [Fulfilled] })
  const manager = service
    .process('order', {
      facts: {
        started: fact(z.object({ cents: z.int() })),
        paid: fact(z.object({ cents: z.int() })),
        ended: fact(z.object({})),
      },
      initialState: () => ({ cents: 0, paidCents: 0 }),
      evolve: {
        started: (state, { cents }) => ({ ...state, cents }),
        paid: (state, { cents }) => ({ ...state, paidCents: cents }),
        ended: (state) => state,
      },
      publishes: [Fulfilled],
    })
    .starts(
      events.placed,
      (order) => order.orderId,
      ({ cents }, { facts }) => {
        handled()
        return facts.started({ cents })
      },
    )
    .on(
      events.paid,
      (order) => order.orderId,
      ({ cents }, { facts }) => {
        handled()
        return facts.paid({ cents })
      },
    )
    .on(
      events.delivered,
      (order) => order.orderId,
      ({ orderId }, { state, facts, publish, end }) => {
        handled()
        publish(Fulfilled, { orderId, ...state })
        end()
        return facts.ended({})
      },
    )
  return service.with({ manager })
}

/** Opens the two services; `handled` is called for each input. */
export async function openFulfilment(place: Place, handled: () => void) {
  const system = await openSystem(place, [orders(), fulfilment(handled)])
  return {
    report: (step: StepName, list: readonly OrderStep[]) =>
      system.service('orders').command('report-steps', { step, orders: list }),
    settled: () => system.settled(),
    close: () => system.close(),
  }
}
