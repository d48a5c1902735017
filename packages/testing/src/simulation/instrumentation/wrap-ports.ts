// Wraps the ports of a run: every call is named, counted, and goes through the active faults.

import type { Service } from 'tidings'
import type { Broker, CommitUnit, Effects, EventLogRequest, RelayBatch, Store } from 'tidings/ports'
import type { RunLifetime } from '../../world/run-lifetime.ts'
import type { PortWrappers } from '../../world/service-run.ts'
import type { PortCall, SimulationCrashPoint } from '../system/port-call.ts'
import { pointsOfCommit } from '../system/port-call.ts'
import type { SimulatedSystem } from '../system/simulated-system.ts'
import { recordExecutions } from './record-executions.ts'

/** Makes the port that gives effects their outcomes; nothing is performed for real. */
export type CreateEffects = (system: SimulatedSystem) => Effects

const none: readonly SimulationCrashPoint[] = []

/** The wrappers through which the runs of a system reach their ports. */
export function wrapPorts(system: SimulatedSystem, createEffects: CreateEffects): PortWrappers {
  let effects: Effects | undefined
  return {
    service: (service: Service, lifetime) => {
      system.runStarted(lifetime)
      return recordExecutions(system, service, lifetime)
    },
    store: (store, lifetime) => wrapStore(system, store, lifetime),
    broker: (broker, lifetime) => wrapBroker(system, broker, lifetime),
    lookups: (lookups, lifetime) => ({
      ask: (request) => {
        const portCall: PortCall = {
          ...of(lifetime, 'lookup'),
          before: ['lookup'],
          after: ['lookup'],
          name: `${request.service}.${request.query}`,
        }
        return system.call(portCall, () => lookups.ask(request))
      },
    }),
    environment: (environment, { instance }) => {
      effects ??= createEffects(system)
      return { ...(system.clocks?.environmentOf(instance, environment) ?? environment), effects }
    },
  }
}

function of(lifetime: RunLifetime, call: PortCall['call']): PortCall {
  return { service: lifetime.service, lifetime, call, before: none, after: none }
}

function wrapStore(system: SimulatedSystem, store: Store, lifetime: RunLifetime): Store {
  const storeCall = of(lifetime, 'store')
  const commit = (unit: CommitUnit) => {
    const points = pointsOfCommit(unit)
    return system.call({ ...storeCall, call: 'commit', before: points, after: points, unit }, async () => {
      const result = await store.commit(unit)
      if (result.committed) system.counts.events += unit.events.length
      return result
    })
  }
  return new Proxy(store, {
    get: (target, name) => {
      if (name === 'commit') return commit
      const member: unknown = Reflect.get(target, name)
      if (typeof member !== 'function' || name === 'close' || name === 'tableIdentifier') return member
      return (...parameters: unknown[]) => system.call(storeCall, () => member.apply(target, parameters))
    },
  })
}

function wrapBroker(system: SimulatedSystem, broker: Broker, lifetime: RunLifetime): Broker {
  // Whether the relay has published since it last asked for the broker's position.
  let sent = false
  const publish = async (batch: RelayBatch) => {
    const portCall = { ...of(lifetime, 'publish'), before: ['publish'], after: ['publish'] } as const
    await system.call(portCall, async () => {
      await broker.publish(batch)
      for (const interceptor of system.interceptors)
        if (interceptor.twice?.(portCall) === true) await broker.publish(batch)
    })
    await system.call({ ...portCall, before: ['publish-ack'], after: ['publish-ack'] }, () => {
      sent = true
    })
  }
  const published = (source: string) => {
    const points: readonly SimulationCrashPoint[] = sent ? ['mark-sent'] : none
    sent = false
    return system.call({ ...of(lifetime, 'published'), before: points, after: points }, () => broker.published(source))
  }
  return {
    capabilities: broker.capabilities,
    publish,
    published,
    read: (source, request, by) => {
      const portCall = { ...of(lifetime, 'read'), name: source }
      return system.call(portCall, () => broker.read(source, changedRequest(system, portCall, request), by))
    },
    earlierEpochs: (source, by) => system.call(of(lifetime, 'broker'), () => broker.earlierEpochs(source, by)),
    watch: (source, wake) =>
      broker.watch(source, () => {
        for (const interceptor of system.interceptors)
          if (interceptor.losesWakeUp?.(lifetime.service, lifetime.instance) === true) return
        wake()
      }),
    close: () => broker.close(),
  }
}

function changedRequest(system: SimulatedSystem, portCall: PortCall, request: EventLogRequest): EventLogRequest {
  let changed = request
  for (const interceptor of system.interceptors) changed = interceptor.request?.(portCall, changed) ?? changed
  return changed
}
