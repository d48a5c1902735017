// A service dies at a named point, before or after it, and is started again.

import type { FaultKind } from '../fault.ts'
import type { Passage } from '../passage.ts'
import { never } from '../stage.ts'

export const crash: FaultKind = {
  name: 'crash',
  share: 0.08,
  draw: ({ chance, services, crashPoints }) => ({
    fault: 'crash',
    service: chance.pick(services).name,
    point: chance.pick(crashPoints),
    moment: chance.pick(['before', 'after']),
    nth: chance.whole(1, 3),
    downMs: chance.happens(0.2) ? chance.whole(1_000, 20_000) : chance.whole(0, 1_000),
  }),
  begin: ({ service, point, moment, nth, downMs }, stage) => {
    let left = Number(nth)
    const strike = (passage: Passage): Promise<void> | undefined => {
      const points = moment === 'before' ? passage.before : passage.after
      if (passage.service !== service || !points.some((each) => each === point)) return undefined
      if (passage.life !== stage.lifeOf(passage.service) || --left > 0) return undefined
      end()
      stage.strike(`crash ${moment} ${point}`, service, `crashes ${moment} ${point}`)
      stage.kill(service, Number(downMs))
      return never
    }
    const end = stage.intercept(moment === 'before' ? { before: strike } : { after: strike })
  },
  describe: ({ service, point, moment, nth, downMs }) =>
    `${service} crashes ${moment} its ${ordinal(Number(nth))} ${point}, and is down for ${downMs} ms`,
}

function ordinal(number: number): string {
  return number === 1 ? 'next' : `${number}${number === 2 ? 'nd' : 'rd'}`
}
