// The number of instances of a service changes, between one and four: some are started, or stopped as a supervisor stops them.

import { instancesMax } from '../system/instances.ts'
import type { FaultKind } from './fault.ts'

export const scale: FaultKind = {
  name: 'scale',
  defaultRate: 0.03,
  ofInstances: true,
  draw: ({ chance, services }) => ({
    fault: 'scale',
    service: chance.pick(services).name,
    to: chance.whole(1, instancesMax),
  }),
  begin: (fault, system) => {
    const { service, to } = fault
    const before = system.instancesOf(service).length
    if (before === to || !system.several) return
    system.noteFault(fault, service, `is scaled from ${before} to ${to}`)
    system.scale(service, Number(to))
  },
  describe: ({ service, to }) => `${service} is scaled to ${to} ${to === 1 ? 'instance' : 'instances'}`,
}
