// A service's store and broker answer late, and its wake-ups are lost.

import type { FaultKind } from './fault.ts'

export const delay: FaultKind = {
  name: 'delay',
  defaultRate: 0.03,
  draw: ({ chance, services }) => ({
    fault: 'delay',
    service: chance.pick(services).name,
    mostMs: chance.pick([2, 20, 200]),
    forMs: chance.whole(200, 4_000),
  }),
  begin: (fault, system) => {
    const { service, mostMs, forMs } = fault
    const hold = (portCall: { readonly service: string; readonly call: string }) => {
      if (portCall.service !== service || portCall.call === 'handler' || !system.chance.happens(0.3)) return undefined
      system.noteFault(fault, service, `waits for ${portCall.call}`)
      return system.pause(system.chance.whole(1, Number(mostMs)))
    }
    const end = system.intercept({ before: hold, after: hold, losesWakeUp: (name) => name === service })
    system.endAfter(Number(forMs), end)
  },
  describe: ({ service, mostMs, forMs }) =>
    `${service} gets answers up to ${mostMs} ms late and no wake-ups, for ${forMs} ms`,
}
