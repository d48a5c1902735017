// A commit is reported as failed although it may have been applied; the service cannot know.

import { TidingsError } from 'tidings'
import type { PortCall } from '../system/port-call.ts'
import type { FaultKind } from './fault.ts'

export const ambiguousCommit: FaultKind = {
  name: 'ambiguousCommit',
  defaultRate: 0.03,
  draw: ({ chance, services }) => ({
    fault: 'ambiguousCommit',
    service: chance.pick(services).name,
    applied: chance.happens(0.7),
    nth: chance.whole(1, 3),
  }),
  begin: (fault, system) => {
    const { service, applied, nth } = fault
    let left = Number(nth)
    const inject = (portCall: PortCall): undefined => {
      if (portCall.service !== service || portCall.call !== 'commit' || --left > 0) return undefined
      end()
      const how = applied ? 'was applied' : 'was not applied'
      system.noteFault(fault, service, `gets a commit reported as failed, which ${how}`)
      throw new TidingsError(
        'STORE_UNAVAILABLE',
        `Whether the commit of ${service} was applied is unknown (simulated).`,
      )
    }
    const end = system.intercept(applied ? { after: inject } : { before: inject })
  },
  describe: ({ service, applied }) =>
    `${service} gets a commit reported as failed, which ${applied ? 'was applied' : 'was not'}`,
}
