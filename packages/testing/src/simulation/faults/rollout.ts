// Every instance of a service is stopped and started again, one after the other, as when a new release is rolled out.

import type { FaultKind } from './fault.ts'

export const rollout: FaultKind = {
  name: 'rollout',
  defaultRate: 0.02,
  ofInstances: true,
  draw: ({ chance, services }) => ({
    fault: 'rollout',
    service: chance.pick(services).name,
    everyMs: chance.pick([100, 2_000, 30_000]),
  }),
  begin: (fault, system) => {
    const { service, everyMs } = fault
    if (!system.several) return
    system.noteFault(fault, service, 'is rolled out again')
    const [first, ...others] = system.instancesOf(service)
    const restart = (instance: string | undefined) => {
      if (instance === undefined) return
      void system.restart(instance)
      system.endAfter(Number(everyMs), () => restart(others.shift()))
    }
    restart(first)
  },
  describe: ({ service, everyMs }) => `every instance of ${service} is stopped and started again, every ${everyMs} ms`,
}
