// A service dies at a named point, before or after it, and is started again.

import type { FaultKind } from './fault.ts'
import type { CrashPointName, Passage } from '../system/port-call.ts'
import { never } from '../system/simulated-system.ts'

export const crash: FaultKind = {
  name: 'crash',
  share: 0.08,
  draw: ({ chance, services, crashPoints }) => {
    const { name, handlers, timers, effects, processes } = chance.pick(services)
    const isReached: Partial<Record<CrashPointName, boolean>> = {
      'timer-claim': Object.keys(timers).length + effects.length + processes.length > 0,
      lookup: handlers.some(({ lookups }) => lookups.length > 0),
    }
    const points = crashPoints.filter((point) => isReached[point] ?? true)
    if (points.length === 0) return undefined
    const moment = chance.pick(['before', 'after'])
    const downMs = chance.happens(0.2) ? chance.whole(1_000, 20_000) : chance.whole(0, 1_000)
    const point = chance.pick(points)
    // Points that are reached seldom would hardly ever be reached three times.
    const nth = point in isReached ? 1 : chance.whole(1, 3)
    return { fault: 'crash', service: name, point, moment, nth, downMs }
  },
  begin: (fault, stage) => {
    const { service, point, moment, nth, downMs } = fault
    let left = Number(nth)
    const strike = (passage: Passage): Promise<void> | undefined => {
      const points = moment === 'before' ? passage.before : passage.after
      if (passage.service !== service || !points.some((each) => each === point)) return undefined
      if (passage.life !== stage.lifeOf(passage.service) || --left > 0) return undefined
      end()
      stage.strike(fault, service, `crashes ${moment} ${point}`, `crash ${moment} ${point}`)
      stage.kill(service, Number(downMs))
      return never()
    }
    const end = stage.intercept(moment === 'before' ? { before: strike } : { after: strike })
  },
  describe: ({ service, point, moment, nth, downMs }) =>
    `${service} crashes ${moment} its ${ordinal(Number(nth))} ${point}, and is down for ${downMs} ms`,
}

function ordinal(number: number): string {
  return number === 1 ? 'next' : `${number}${number === 2 ? 'nd' : 'rd'}`
}
