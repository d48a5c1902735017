// The broker delivers events again that a service has already read, and what a service publishes is published twice.

import { formatPosition } from 'tidings/ports'
import type { FaultKind } from './fault.ts'

export const redelivery: FaultKind = {
  name: 'redelivery',
  defaultRate: 0.03,
  draw: ({ chance, services }) => ({
    fault: 'redelivery',
    service: chance.pick(services).name,
    back: chance.whole(1, 8),
    times: chance.whole(1, 6),
  }),
  begin: (fault, system) => {
    const { service, back, times } = fault
    let left = Number(times)
    const applies = (what: string): boolean => {
      if (left-- <= 0) {
        end()
        return false
      }
      system.noteFault(fault, service, what)
      return true
    }
    const end = system.intercept({
      request: (portCall, request) => {
        if (portCall.service !== service || request.after === '' || !applies(`gets ${portCall.name} again`))
          return request
        return { ...request, after: formatPosition(Math.max(0, Number(request.after) - Number(back))) }
      },
      twice: (portCall) => portCall.service === service && applies('publishes twice'),
    })
  },
  describe: ({ service, back, times }) => `${service} gets the last ${back} events again, ${times} times`,
}
