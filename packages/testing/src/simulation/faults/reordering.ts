// Every handler call takes a random time, so keys that are handled concurrently overtake each other, and so do services.
// The events of one source keep their order: a broker that changed it would break its port.

import type { FaultKind } from './fault.ts'

export const reordering: FaultKind = {
  name: 'reordering',
  defaultRate: 0.03,
  draw: ({ chance }) => ({
    fault: 'reordering',
    service: '',
    mostMs: chance.pick([5, 50, 500]),
    forMs: chance.whole(200, 5_000),
  }),
  begin: (fault, system) => {
    const { mostMs, forMs } = fault
    const end = system.intercept({
      before: ({ call, service }) => {
        if (call !== 'handler') return undefined
        system.noteFault(fault, service, 'a handler is overtaken')
        return system.pause(system.chance.whole(0, Number(mostMs)))
      },
    })
    system.endAfter(Number(forMs), end)
  },
  describe: ({ mostMs, forMs }) => `each handler call takes another time, up to ${mostMs} ms, for ${forMs} ms`,
}
