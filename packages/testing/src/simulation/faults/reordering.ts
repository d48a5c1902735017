// Handlers take their time, each its own: keys that are handled side by side, and services, overtake each other.
// The events of one source are never handed out in another order: a broker that did so would break its port.

import type { FaultKind } from './fault.ts'

export const reordering: FaultKind = {
  name: 'reordering',
  share: 0.03,
  draw: ({ chance }) => ({
    fault: 'reordering',
    service: '',
    mostMs: chance.pick([5, 50, 500]),
    forMs: chance.whole(200, 5_000),
  }),
  begin: (fault, stage) => {
    const { mostMs, forMs } = fault
    const end = stage.intercept({
      before: ({ call, service }) => {
        if (call !== 'handler') return undefined
        stage.strike(fault, service, 'a handler is overtaken')
        return stage.pause(stage.chance.whole(0, Number(mostMs)))
      },
    })
    stage.endAfter(Number(forMs), end)
  },
  describe: ({ mostMs, forMs }) => `handlers take up to ${mostMs} ms, each its own, for ${forMs} ms`,
}
