// A function hangs for the next keys it is called with, before or after it has read and written: for seconds, or longer than its timeout.

import { namesOf } from './failing-handler.ts'
import type { FaultKind } from './fault.ts'

export const hangingHandler: FaultKind = {
  name: 'hangingHandler',
  defaultRate: 0.03,
  draw: ({ chance, services }) => {
    const handlers = services.flatMap((service) =>
      namesOf(service).map((handler) => ({ service: service.name, handler })),
    )
    if (handlers.length === 0) return undefined
    return {
      fault: 'hangingHandler',
      ...chance.pick(handlers),
      moment: chance.pick(['before', 'after']),
      keys: chance.whole(1, 3),
      hangsMs: chance.pick([1_500, 10_000, 45_000]),
      times: chance.whole(1, 4),
    }
  },
  begin: (fault, system) => {
    const { service, handler, moment, keys, hangsMs, times } = fault
    const left = new Map<string, number>()
    const hang = (portCall: { service: string; call: string; name?: string; key?: string }) => {
      const { key = '' } = portCall
      if (portCall.service !== service || portCall.call !== 'handler' || portCall.name !== handler) return undefined
      if (!left.has(key) && left.size < Number(keys)) left.set(key, Number(times))
      const before = left.get(key) ?? 0
      if (before === 0) return undefined
      left.set(key, before - 1)
      if (left.size === Number(keys) && [...left.values()].every((count) => count === 0)) end()
      system.noteFault(fault, service, `${handler} hangs for ${key}`)
      return system.pause(Number(hangsMs))
    }
    const end = system.intercept(moment === 'before' ? { before: hang } : { after: hang })
  },
  describe: ({ service, handler, moment, keys, hangsMs, times }) =>
    `${handler} of ${service} hangs for ${hangsMs} ms ${moment} it runs, ${times} times for each of the next ${keys} keys`,
}
