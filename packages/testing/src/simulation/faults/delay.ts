// What a service asks of store and broker is answered late, and its wake-ups are lost.

import type { FaultKind } from './fault.ts'

export const delay: FaultKind = {
  name: 'delay',
  share: 0.03,
  draw: ({ chance, services }) => ({
    fault: 'delay',
    service: chance.pick(services).name,
    mostMs: chance.pick([2, 20, 200]),
    forMs: chance.whole(200, 4_000),
  }),
  begin: (fault, stage) => {
    const { service, mostMs, forMs } = fault
    const hold = (passage: { readonly service: string; readonly call: string }) => {
      if (passage.service !== service || passage.call === 'handler' || !stage.chance.happens(0.3)) return undefined
      stage.strike(fault, service, `waits for ${passage.call}`)
      return stage.pause(stage.chance.whole(1, Number(mostMs)))
    }
    const end = stage.intercept({ before: hold, after: hold, losesWakeUp: (name) => name === service })
    stage.endAfter(Number(forMs), end)
  },
  describe: ({ service, mostMs, forMs }) =>
    `${service} gets answers up to ${mostMs} ms late and no wake-ups, for ${forMs} ms`,
}
