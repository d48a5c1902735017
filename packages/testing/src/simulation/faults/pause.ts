// One instance stands still, often for longer than its leases last, and then goes on as if nothing had happened.

import type { FaultKind } from './fault.ts'

export const pause: FaultKind = {
  name: 'pause',
  defaultRate: 0.03,
  ofInstances: true,
  draw: ({ chance, services }) => ({
    fault: 'pause',
    service: chance.pick(services).name,
    forMs: chance.pick([chance.whole(100, 8_000), chance.whole(8_000, 60_000), chance.whole(60_000, 240_000)]),
  }),
  begin: (fault, system) => {
    const { service, forMs } = fault
    const lifetime = system.lifetimeOf(system.pickInstance(service))
    if (lifetime === undefined || lifetime.isPaused) return
    system.noteFault(fault, lifetime.instance, `stands still for ${forMs} ms`)
    lifetime.pause()
    system.endAfter(Number(forMs), () => {
      system.world.note(lifetime.instance, 'goes on as if nothing had happened')
      lifetime.resume()
    })
  },
  describe: ({ service, forMs }) => `an instance of ${service} stands still for ${forMs} ms`,
}
