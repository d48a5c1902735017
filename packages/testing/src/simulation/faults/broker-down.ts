// The broker is down for every service.

import { TidingsError } from 'tidings'
import type { FaultKind } from './fault.ts'

const calls = new Set(['read', 'publish', 'published', 'broker'])

export const brokerDown: FaultKind = {
  name: 'brokerDown',
  defaultRate: 0.02,
  draw: ({ chance }) => ({ fault: 'brokerDown', service: '', forMs: chance.whole(100, 20_000) }),
  begin: (fault, system) => {
    const { forMs } = fault
    const end = system.intercept({
      before: ({ call, service }) => {
        if (!calls.has(call)) return undefined
        system.noteFault(fault, service, `${call} finds the broker down`)
        throw new TidingsError('BROKER_UNAVAILABLE', 'The broker is down (simulated).')
      },
    })
    system.endAfter(Number(forMs), end)
  },
  describe: ({ forMs }) => `the broker is down for ${forMs} ms`,
}
