// One service is down for a long time.

import type { FaultKind } from './fault.ts'

export const serviceDown: FaultKind = {
  name: 'serviceDown',
  defaultRate: 0.02,
  draw: ({ chance, services }) => ({
    fault: 'serviceDown',
    service: chance.pick(services).name,
    downMs: chance.whole(20_000, 600_000),
  }),
  begin: (fault, system) => {
    const { service, downMs } = fault
    system.noteFault(fault, service, `is down for ${downMs} ms`)
    for (const instance of system.instancesOf(service)) system.kill(instance, Number(downMs))
  },
  describe: ({ service, downMs }) => `${service} is down for ${downMs} ms`,
}
