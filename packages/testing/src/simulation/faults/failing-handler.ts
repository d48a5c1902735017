// A function fails for the next key it is called with: a few times, or until the event is parked and redriven.

import type { Service } from 'tidings'
import type { FaultKind } from './fault.ts'

export const failingHandler: FaultKind = {
  name: 'failingHandler',
  defaultRate: 0.03,
  draw: ({ chance, services }) => {
    const handlers = services.flatMap((service) =>
      namesOf(service).map((handler) => ({ service: service.name, handler })),
    )
    if (handlers.length === 0) return undefined
    const times = chance.happens(0.5) ? chance.whole(1, 3) : 1_000
    return { fault: 'failingHandler', ...chance.pick(handlers), times }
  },
  begin: (fault, system) => {
    const { service, handler, times } = fault
    let left = Number(times)
    let key: string | undefined
    const end = system.intercept({
      before: (portCall) => {
        if (portCall.service !== service || portCall.call !== 'handler' || portCall.name !== handler) return undefined
        key ??= portCall.key
        if (portCall.key !== key) return undefined
        if (--left <= 0) end()
        system.noteFault(fault, service, `${handler} fails for ${key}`)
        throw new Error(`${handler} fails for ${key} (simulated)`)
      },
    })
  },
  describe: ({ service, handler, times }) =>
    `${handler} of ${service} fails for the next key, ${Number(times) >= 1_000 ? 'until faults end' : `${times} times`}`,
}

/** Handlers, inputs of process managers, timers and outcomes of effects. Commands are left out: their caller gets the error as the answer. */
export function namesOf({ handlers, timerHandlers, processes, effects }: Service): readonly string[] {
  return [
    ...handlers.map(({ name }) => name),
    ...timerHandlers.map(({ timer }) => timer),
    ...processes.flatMap(({ name, timers }) => Object.keys(timers).map((timer) => `${name}.${timer}`)),
    ...effects.map(({ effect }) => effect.name),
  ]
}
