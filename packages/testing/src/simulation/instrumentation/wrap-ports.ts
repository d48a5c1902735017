// The ports of a run as the stage sees them: everything that passes is named, counted, and shown to the faults at work.

import type { Service } from 'tidings'
import type { Broker, CommitUnit, Effects, LogRequest, RelayBatch, Store } from 'tidings/ports'
import type { Life } from '../../world/life.ts'
import type { Between } from '../../world/service-run.ts'
import type { CrashPointName, Passage } from '../system/port-call.ts'
import { pointsOfCommit } from '../system/port-call.ts'
import type { Stage } from '../system/simulated-system.ts'
import { witnessed } from './record-executions.ts'

/** Gives the outcomes of effects, which are never performed for real. */
export type Performs = (stage: Stage) => Effects

const none: readonly CrashPointName[] = []

/** Lays a stage between runs and their world. */
export function layBetween(stage: Stage, performs: Performs): Between {
  let effects: Effects | undefined
  return {
    service: (service: Service, life) => {
      stage.begins(life)
      return witnessed(stage, service, life)
    },
    store: (store, life) => storeBetween(stage, store, life),
    broker: (broker, life) => brokerBetween(stage, broker, life),
    lookups: (lookups, life) => ({
      ask: (request) => {
        const passage: Passage = {
          ...of(life, 'lookup'),
          before: ['lookup'],
          after: ['lookup'],
          name: `${request.service}.${request.query}`,
        }
        return stage.pass(passage, () => lookups.ask(request))
      },
    }),
    host: (host) => {
      effects ??= performs(stage)
      return { ...host, effects }
    },
  }
}

function of(life: Life, call: Passage['call']): Passage {
  return { service: life.service, life, call, before: none, after: none }
}

function storeBetween(stage: Stage, store: Store, life: Life): Store {
  const reading = of(life, 'store')
  const commit = (unit: CommitUnit) => {
    const points = pointsOfCommit(unit)
    return stage.pass({ ...reading, call: 'commit', before: points, after: points, unit }, async () => {
      const result = await store.commit(unit)
      if (result.committed) stage.counts.events += unit.events.length
      return result
    })
  }
  return new Proxy(store, {
    get: (target, name) => {
      if (name === 'commit') return commit
      const member: unknown = Reflect.get(target, name)
      if (typeof member !== 'function' || name === 'close' || name === 'tableIdentifier') return member
      return (...parameters: unknown[]) => stage.pass(reading, () => member.apply(target, parameters))
    },
  })
}

function brokerBetween(stage: Stage, broker: Broker, life: Life): Broker {
  // Whether the relay has published since it last asked how far the broker has come.
  let sent = false
  const publish = async (batch: RelayBatch) => {
    const passage = { ...of(life, 'publish'), before: ['publish'], after: ['publish'] } as const
    await stage.pass(passage, async () => {
      await broker.publish(batch)
      for (const interceptor of stage.interceptors)
        if (interceptor.twice?.(passage) === true) await broker.publish(batch)
    })
    await stage.pass({ ...passage, before: ['publish-ack'], after: ['publish-ack'] }, () => {
      sent = true
    })
  }
  const published = (source: string) => {
    const points: readonly CrashPointName[] = sent ? ['mark-sent'] : none
    sent = false
    return stage.pass({ ...of(life, 'published'), before: points, after: points }, () => broker.published(source))
  }
  return {
    capabilities: broker.capabilities,
    publish,
    published,
    read: (source, request) => {
      const passage = { ...of(life, 'read'), name: source }
      return stage.pass(passage, () => broker.read(source, changed(stage, passage, request)))
    },
    earlierEpochs: (source) => stage.pass(of(life, 'broker'), () => broker.earlierEpochs(source)),
    watch: (source, wake) =>
      broker.watch(source, () => {
        for (const interceptor of stage.interceptors) if (interceptor.losesWakeUp?.(life.service) === true) return
        wake()
      }),
    close: () => broker.close(),
  }
}

function changed(stage: Stage, passage: Passage, request: LogRequest): LogRequest {
  let changing = request
  for (const interceptor of stage.interceptors) changing = interceptor.request?.(passage, changing) ?? changing
  return changing
}
