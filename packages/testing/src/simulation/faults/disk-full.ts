// A service's store refuses every write for a while.

import { TidingsError } from 'tidings'
import type { FaultKind } from './fault.ts'

export const diskFull: FaultKind = {
  name: 'diskFull',
  defaultRate: 0.02,
  draw: ({ chance, services }) => ({
    fault: 'diskFull',
    service: chance.pick(services).name,
    forMs: chance.whole(100, 10_000),
  }),
  begin: (fault, system) => {
    const { service, forMs } = fault
    const end = system.intercept({
      before: (portCall) => {
        if (portCall.service !== service || portCall.call !== 'commit') return undefined
        system.noteFault(fault, service, 'finds its disk full')
        throw new TidingsError('STORE_UNAVAILABLE', `The disk of ${service} is full (simulated).`)
      },
    })
    system.endAfter(Number(forMs), end)
  },
  describe: ({ service, forMs }) => `the disk of ${service} is full for ${forMs} ms`,
}
