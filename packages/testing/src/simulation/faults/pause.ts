// One instance stands still, often for longer than its leases last, and then goes on as if nothing had happened: at any moment, or at a named point,
// with a call under way that it has decided on by what it knew before.

import type { RunLifetime } from '../../world/run-lifetime.ts'
import type { PortCall } from '../system/port-call.ts'
import type { SimulatedSystem } from '../system/simulated-system.ts'
import type { Fault, FaultKind } from './fault.ts'

export const pause: FaultKind = {
  name: 'pause',
  defaultRate: 0.04,
  ofInstances: true,
  draw: ({ chance, services, crashPoints }) => {
    const forMs = chance.pick([chance.whole(100, 10_000), chance.whole(10_000, 60_000), chance.whole(60_000, 240_000)])
    const fault = { fault: 'pause', service: chance.pick(services).name, forMs } as const
    if (crashPoints.length === 0 || chance.happens(0.3)) return fault
    return {
      ...fault,
      point: chance.pick(crashPoints),
      moment: chance.pick(['before', 'after']),
      nth: chance.whole(1, 3),
    }
  },
  begin: (fault, system) => {
    const { service, point, moment, nth } = fault
    if (point === undefined) {
      const lifetime = system.lifetimeOf(system.pickInstance(service))
      if (lifetime !== undefined) void standStill(fault, system, lifetime)
      return
    }
    let left = Number(nth)
    const inject = ({ lifetime, ...portCall }: PortCall): Promise<void> | undefined => {
      const points = moment === 'before' ? portCall.before : portCall.after
      if (portCall.service !== service || !points.some((each) => each === point)) return undefined
      if (lifetime !== system.lifetimeOf(lifetime.instance) || --left > 0) return undefined
      end()
      return standStill(fault, system, lifetime)
    }
    const end = system.intercept(moment === 'before' ? { before: inject } : { after: inject })
  },
  describe: ({ service, forMs, point, moment }) =>
    `an instance of ${service} stands still for ${forMs} ms${point === undefined ? '' : `, from ${moment} a ${point} on`}`,
}

function standStill(fault: Fault, system: SimulatedSystem, lifetime: RunLifetime): Promise<void> | undefined {
  if (lifetime.isPaused) return undefined
  const { forMs, point, moment } = fault
  const where = point === undefined ? '' : ` ${moment} ${point}`
  system.noteFault(fault, lifetime.instance, `stands still${where} for ${forMs} ms`)
  lifetime.pause()
  system.endAfter(Number(forMs), () => {
    system.world.note(lifetime.instance, 'goes on as if nothing had happened')
    lifetime.resume()
  })
  return lifetime.goesOn
}
