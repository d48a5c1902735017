// A service crashes before or after a named point, and is restarted.

import type { PortCall, SimulationCrashPoint } from '../system/port-call.ts'
import { never } from '../system/simulated-system.ts'
import type { FaultKind } from './fault.ts'

export const crash: FaultKind = {
  name: 'crash',
  defaultRate: 0.08,
  draw: ({ chance, services, crashPoints }) => {
    const { name, handlers, timers, effects, processes } = chance.pick(services)
    const rarePoints: Partial<Record<SimulationCrashPoint, boolean>> = {
      'timer-claim': Object.keys(timers).length + effects.length + processes.length > 0,
      lookup: handlers.some(({ lookups }) => lookups.length > 0),
    }
    const points = crashPoints.filter((point) => rarePoints[point] ?? true)
    if (points.length === 0) return undefined
    const moment = chance.pick(['before', 'after'])
    const downMs = chance.happens(0.2) ? chance.whole(1_000, 20_000) : chance.whole(0, 1_000)
    const point = chance.pick(points)
    // Rarely reached points would hardly ever be reached three times.
    const nth = point in rarePoints ? 1 : chance.whole(1, 3)
    return { fault: 'crash', service: name, point, moment, nth, downMs }
  },
  begin: (fault, system) => {
    const { service, point, moment, nth, downMs } = fault
    let left = Number(nth)
    const inject = (portCall: PortCall): Promise<void> | undefined => {
      const points = moment === 'before' ? portCall.before : portCall.after
      if (portCall.service !== service || !points.some((each) => each === point)) return undefined
      const { instance } = portCall.lifetime
      if (portCall.lifetime !== system.lifetimeOf(instance) || --left > 0) return undefined
      end()
      system.noteFault(fault, instance, `crashes ${moment} ${point}`, `crash ${moment} ${point}`)
      system.kill(instance, Number(downMs))
      return never()
    }
    const end = system.intercept(moment === 'before' ? { before: inject } : { after: inject })
  },
  describe: ({ service, point, moment, nth, downMs }) =>
    `${service} crashes ${moment} its ${ordinal(Number(nth))} ${point}, and is down for ${downMs} ms`,
}

function ordinal(number: number): string {
  return number === 1 ? 'next' : `${number}${number === 2 ? 'nd' : 'rd'}`
}
