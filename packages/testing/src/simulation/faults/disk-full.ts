// A service's store takes no more writes for a while.

import { TidingsError } from 'tidings'
import type { FaultKind } from './fault.ts'

export const diskFull: FaultKind = {
  name: 'diskFull',
  share: 0.02,
  draw: ({ chance, services }) => ({
    fault: 'diskFull',
    service: chance.pick(services).name,
    forMs: chance.whole(100, 10_000),
  }),
  begin: (fault, stage) => {
    const { service, forMs } = fault
    const end = stage.intercept({
      before: (passage) => {
        if (passage.service !== service || passage.call !== 'commit') return undefined
        stage.strike(fault, service, 'finds its disk full')
        throw new TidingsError('STORE_UNAVAILABLE', `The disk of ${service} is full (simulated).`)
      },
    })
    stage.endAfter(Number(forMs), end)
  },
  describe: ({ service, forMs }) => `the disk of ${service} is full for ${forMs} ms`,
}
