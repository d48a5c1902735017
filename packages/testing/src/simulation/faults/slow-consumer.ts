// The handlers of one service are slow for a while.

import type { FaultKind } from './fault.ts'

export const slowConsumer: FaultKind = {
  name: 'slowConsumer',
  share: 0.02,
  draw: ({ chance, services }) => ({
    fault: 'slowConsumer',
    service: chance.pick(services).name,
    eachMs: chance.pick([20, 200, 2_000]),
    forMs: chance.whole(1_000, 30_000),
  }),
  begin: (fault, stage) => {
    const { service, eachMs, forMs } = fault
    const end = stage.intercept({
      before: (passage) => {
        if (passage.service !== service || passage.call !== 'handler') return undefined
        stage.strike(fault, service, `${passage.name} takes ${eachMs} ms`)
        return stage.pause(Number(eachMs))
      },
    })
    stage.endAfter(Number(forMs), end)
  },
  describe: ({ service, eachMs, forMs }) => `each handler of ${service} takes ${eachMs} ms, for ${forMs} ms`,
}
