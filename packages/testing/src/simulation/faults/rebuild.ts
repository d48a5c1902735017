// A read model or replica is rebuilt while the system keeps running.

import type { FaultKind } from './fault.ts'

export const rebuild: FaultKind = {
  name: 'rebuild',
  defaultRate: 0.02,
  draw: ({ chance, services }) => {
    const readModels = services.flatMap(({ name, projections, replicas }) =>
      [...projections.map((projection) => projection.name), ...Object.keys(replicas)].map((readModel) => ({
        service: name,
        readModel,
      })),
    )
    return readModels.length === 0 ? undefined : { fault: 'rebuild', ...chance.pick(readModels) }
  },
  begin: (fault, system) => {
    const { service, readModel } = fault
    const run = system.runs.running.get(system.pickInstance(service))
    if (run === undefined) return
    system.noteFault(fault, run.instance, `rebuilds ${readModel}`)
    // An interrupted rebuild resumes by itself, and a second one at the same time is refused: neither is an error here.
    run.lifetime.unlessKilled(run.runtime.rebuild(String(readModel))).catch(() => {})
  },
  describe: ({ service, readModel }) => `${readModel} of ${service} is rebuilt`,
}
