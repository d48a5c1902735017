// A read model or replica is rebuilt while everything goes on.

import type { FaultKind } from './fault.ts'

export const rebuild: FaultKind = {
  name: 'rebuild',
  share: 0.02,
  draw: ({ chance, services }) => {
    const readModels = services.flatMap(({ name, projections, replicas }) =>
      [...projections.map((projection) => projection.name), ...Object.keys(replicas)].map((readModel) => ({
        service: name,
        readModel,
      })),
    )
    return readModels.length === 0 ? undefined : { fault: 'rebuild', ...chance.pick(readModels) }
  },
  begin: (fault, stage) => {
    const { service, readModel } = fault
    const run = stage.runs.running.get(service)
    if (run === undefined) return
    stage.strike(fault, service, `rebuilds ${readModel}`)
    // A rebuild that is interrupted goes on by itself; one that is under way already is refused.
    run.life.outlive(run.runtime.rebuild(String(readModel))).catch(() => {})
  },
  describe: ({ service, readModel }) => `${readModel} of ${service} is rebuilt`,
}
