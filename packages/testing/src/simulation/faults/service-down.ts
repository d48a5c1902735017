// One service is down for long.

import type { FaultKind } from './fault.ts'

export const serviceDown: FaultKind = {
  name: 'serviceDown',
  share: 0.02,
  draw: ({ chance, services }) => ({
    fault: 'serviceDown',
    service: chance.pick(services).name,
    downMs: chance.whole(20_000, 600_000),
  }),
  begin: (fault, stage) => {
    const { service, downMs } = fault
    stage.strike(fault, service, `is down for ${downMs} ms`)
    stage.kill(service, Number(downMs))
  },
  describe: ({ service, downMs }) => `${service} is down for ${downMs} ms`,
}
