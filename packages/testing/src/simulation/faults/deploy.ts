// Every instance of a service is stopped and started with other code, one after the other: with newer code, which has one more handler, or back to older.
// Meanwhile both run side by side, and if the newer ones die, older code has to do the work.

import type { FaultKind } from './fault.ts'

export const deploy: FaultKind = {
  name: 'deploy',
  defaultRate: 0.03,
  ofInstances: true,
  draw: ({ chance, services }) => ({
    fault: 'deploy',
    service: chance.pick(services).name,
    to: chance.pick(['newer', 'newer', 'older']),
    everyMs: chance.pick([100, 2_000, 30_000]),
    leaves: chance.whole(0, 1),
  }),
  begin: (fault, system) => {
    const { service, to, everyMs, leaves } = fault
    const handler = system.deployments.addedTo(service)
    if (handler === undefined || !system.several) return
    const age = to === 'newer' ? 'newer' : 'older'
    system.noteFault(fault, service, `is deployed ${age === 'newer' ? 'with' : 'without'} handler ${handler}`)
    // One instance may keep the code that it has: a deployment that stops half way.
    const instances = system.instancesOf(service)
    const left = [...instances.slice(0, Math.max(1, instances.length - Number(leaves)))]
    const next = (): void => {
      const instance = left.shift()
      if (instance === undefined) return
      if (system.deployments.deploy(instance, service, age)) void system.restart(instance)
      system.endAfter(Number(everyMs), next)
    }
    next()
  },
  describe: ({ service, to, everyMs }) => `${service} is deployed with ${to} code, one instance every ${everyMs} ms`,
}
