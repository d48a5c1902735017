// One instance is cut off from its store and the broker, as by a network that fails; the other instances reach them.

import { TidingsError } from 'tidings'
import type { FaultKind } from './fault.ts'

export const cutOff: FaultKind = {
  name: 'cutOff',
  defaultRate: 0.02,
  ofInstances: true,
  draw: ({ chance, services }) => ({
    fault: 'cutOff',
    service: chance.pick(services).name,
    forMs: chance.pick([chance.whole(100, 5_000), chance.whole(5_000, 120_000)]),
  }),
  begin: (fault, system) => {
    const { service, forMs } = fault
    const instance = system.pickInstance(service)
    const end = system.intercept({
      before: ({ lifetime, call }) => {
        if (lifetime.instance !== instance || call === 'handler' || call === 'lookup') return undefined
        system.noteFault(fault, instance, `is cut off from its store (${call})`)
        throw new TidingsError('STORE_UNAVAILABLE', `${instance} is cut off from its store (simulated).`)
      },
      losesWakeUp: (_, by) => by === instance,
    })
    system.endAfter(Number(forMs), end)
  },
  describe: ({ service, forMs }) => `an instance of ${service} is cut off from its store for ${forMs} ms`,
}
