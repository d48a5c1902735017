// Every handler of one service is slow for a while.

import type { FaultKind } from './fault.ts'

export const slowConsumer: FaultKind = {
  name: 'slowConsumer',
  defaultRate: 0.02,
  draw: ({ chance, services }) => ({
    fault: 'slowConsumer',
    service: chance.pick(services).name,
    eachMs: chance.pick([20, 200, 2_000]),
    forMs: chance.whole(1_000, 30_000),
  }),
  begin: (fault, system) => {
    const { service, eachMs, forMs } = fault
    const end = system.intercept({
      before: (portCall) => {
        if (portCall.service !== service || portCall.call !== 'handler') return undefined
        system.noteFault(fault, service, `${portCall.name} takes ${eachMs} ms`)
        return system.pause(Number(eachMs))
      },
    })
    system.endAfter(Number(forMs), end)
  },
  describe: ({ service, eachMs, forMs }) => `each handler of ${service} takes ${eachMs} ms, for ${forMs} ms`,
}
