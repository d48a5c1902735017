// A commit is answered as failed: it was applied, or it was not, and nobody can tell.

import { TidingsError } from 'tidings'
import type { FaultKind } from './fault.ts'
import type { Passage } from '../system/port-call.ts'

export const ambiguousCommit: FaultKind = {
  name: 'ambiguousCommit',
  share: 0.03,
  draw: ({ chance, services }) => ({
    fault: 'ambiguousCommit',
    service: chance.pick(services).name,
    applied: chance.happens(0.7),
    nth: chance.whole(1, 3),
  }),
  begin: (fault, stage) => {
    const { service, applied, nth } = fault
    let left = Number(nth)
    const strike = (passage: Passage): undefined => {
      if (passage.service !== service || passage.call !== 'commit' || --left > 0) return undefined
      end()
      const how = applied ? 'was applied' : 'was not applied'
      stage.strike(fault, service, `is told that a commit failed, which ${how}`)
      throw new TidingsError(
        'STORE_UNAVAILABLE',
        `Whether the commit of ${service} was applied is unknown (simulated).`,
      )
    }
    const end = stage.intercept(applied ? { after: strike } : { before: strike })
  },
  describe: ({ service, applied }) =>
    `${service} is told that a commit failed, which ${applied ? 'was applied' : 'was not'}`,
}
