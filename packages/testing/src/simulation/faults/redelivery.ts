// The broker hands out again what a service has read before, and takes what it is given twice.

import { formatPosition } from 'tidings/ports'
import type { FaultKind } from './fault.ts'

export const redelivery: FaultKind = {
  name: 'redelivery',
  share: 0.03,
  draw: ({ chance, services }) => ({
    fault: 'redelivery',
    service: chance.pick(services).name,
    back: chance.whole(1, 8),
    times: chance.whole(1, 6),
  }),
  begin: (fault, stage) => {
    const { service, back, times } = fault
    let left = Number(times)
    const strikes = (what: string): boolean => {
      if (left-- <= 0) {
        end()
        return false
      }
      stage.strike(fault, service, what)
      return true
    }
    const end = stage.intercept({
      request: (passage, request) => {
        if (passage.service !== service || request.after === '' || !strikes(`gets ${passage.name} again`))
          return request
        return { ...request, after: formatPosition(Math.max(0, Number(request.after) - Number(back))) }
      },
      twice: (passage) => passage.service === service && strikes('publishes twice'),
    })
  },
  describe: ({ service, back, times }) => `${service} gets the last ${back} events again, ${times} times`,
}
