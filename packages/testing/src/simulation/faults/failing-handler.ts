// A function fails for the next key it meets: a few times, or until what it was given is parked and somebody redrives it.

import type { Service } from 'tidings'
import type { FaultKind } from './fault.ts'

export const failingHandler: FaultKind = {
  name: 'failingHandler',
  share: 0.03,
  draw: ({ chance, services }) => {
    const handlers = services.flatMap((service) =>
      namesOf(service).map((handler) => ({ service: service.name, handler })),
    )
    if (handlers.length === 0) return undefined
    const times = chance.happens(0.5) ? chance.whole(1, 3) : 1_000
    return { fault: 'failingHandler', ...chance.pick(handlers), times }
  },
  begin: (fault, stage) => {
    const { service, handler, times } = fault
    let left = Number(times)
    let key: string | undefined
    const end = stage.intercept({
      before: (passage) => {
        if (passage.service !== service || passage.call !== 'handler' || passage.name !== handler) return undefined
        key ??= passage.key
        if (passage.key !== key) return undefined
        if (--left <= 0) end()
        stage.strike(fault, service, `${handler} fails for ${key}`)
        throw new Error(`${handler} fails for ${key} (simulated)`)
      },
    })
  },
  describe: ({ service, handler, times }) =>
    `${handler} of ${service} fails for the next key, ${Number(times) >= 1_000 ? 'until faults end' : `${times} times`}`,
}

// Everything that reacts: handlers and inputs of process managers, timers, outcomes of effects. A command that fails is answered so.
function namesOf({ handlers, timerHandlers, processes, effects }: Service): readonly string[] {
  return [
    ...handlers.map(({ name }) => name),
    ...timerHandlers.map(({ timer }) => timer),
    ...processes.flatMap(({ name, timers }) => Object.keys(timers).map((timer) => `${name}.${timer}`)),
    ...effects.map(({ effect }) => effect.name),
  ]
}
