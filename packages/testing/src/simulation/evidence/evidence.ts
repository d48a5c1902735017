// What can be seen of a system that has settled: its event logs and rows, its deferred events, the answers its clients got.

import type { LoggedEvent, Service } from 'tidings'
import {
  type DeferredDelivery,
  deferredEvents,
  type RequestValue,
  requestValues,
  type TimerValue,
  timerValues,
} from 'tidings/operations'
import type { Store, StoredFact } from 'tidings/ports'
import { readWholeLog } from '../../world/read-log.ts'
import type { ServiceRun } from '../../world/service-run.ts'
import { type ExecutionRecord, readExecutions } from '../instrumentation/record-executions.ts'
import type { ProcessRuns, SimulatedSystem } from '../system/simulated-system.ts'
import type { CommandAccount } from '../workload/clients.ts'
import { executionsOf, type InstanceEvidence, readInstances } from './process-histories.ts'

/** A row, as a query would see it. */
export interface RowEvidence {
  readonly key: string
  readonly row: unknown
}

/** What is seen of one service. */
export interface ServiceEvidence {
  readonly service: Service
  /** The events that it published, in order. */
  readonly published: readonly LoggedEvent[]
  /** The same events, as the broker delivers them. */
  readonly heard: readonly LoggedEvent[]
  /** The history of its streams. */
  readonly facts: readonly StoredFact[]
  /** Which functions took effect, in order; those of process managers come after the others. */
  readonly executions: readonly ExecutionRecord[]
  readonly deferred: readonly DeferredDelivery[]
  readonly instances: readonly InstanceEvidence[]
  /** Timers that are set, and effects that were requested and have no outcome yet. */
  readonly timers: readonly TimerValue[]
  readonly effects: readonly RequestValue[]
  /** The rows of its read models and replicas, by the name its definition gives them. */
  readonly readModels: ReadonlyMap<string, readonly RowEvidence[]>
}

/** What is seen of a system. */
export interface Evidence {
  readonly services: ReadonlyMap<string, ServiceEvidence>
  readonly commands: readonly CommandAccount[]
  /** What the functions of process managers returned. */
  readonly processRuns: ProcessRuns
  /** The handler of a service that older code lacked; it handled history later than the others. */
  addedTo(service: string): string | undefined
}

/** Reads the evidence from a system that has settled. */
export async function collectEvidence(system: SimulatedSystem, commands: readonly CommandAccount[]): Promise<Evidence> {
  const found = new Map<string, ServiceEvidence>()
  for (const service of system.services.values()) found.set(service.name, await evidenceOf(system, service))
  const eventsById = new Map(
    [...found.values()].flatMap(({ published }) => published.map((event) => [event.id, event])),
  )
  const services = new Map(
    [...found].map(([name, { executions, ...rest }]) => {
      const ofProcesses = executionsOf(rest.service, rest.instances, eventsById)
      return [name, { ...rest, executions: [...executions, ...ofProcesses] }] as const
    }),
  )
  const addedTo = (service: string) => system.deployments.addedTo(service)
  return { services, commands, processRuns: system.processRuns, addedTo }
}

async function evidenceOf(system: SimulatedSystem, service: Service): Promise<ServiceEvidence> {
  const { name } = service
  const runs = system.runs.instancesOf(name)
  const { runtime } = system.runs.reach(name)
  const store = system.stores.get(name) as Store
  const readModels = new Map<string, readonly RowEvidence[]>()
  const generations = new Map(runtime.status.readModels.map((status) => [status.name, status.generation]))
  for (const projection of service.projections)
    for (const written of projection.writes)
      readModels.set(
        written,
        await readRows(store, `${service.readModels[written]?.name}@${generations.get(projection.name)}`),
      )
  for (const replica of Object.keys(service.replicas))
    readModels.set(replica, await readRows(store, `${replica}@${generations.get(replica)}`))
  return {
    service,
    published: await readWholeLog((request) => store.readEventLog(request)),
    heard: await readWholeLog((request) => system.engine.broker.read(name, request)),
    facts: await readFacts(store),
    executions: await readExecutions(store),
    deferred: deferredOf(runs),
    instances: await readInstances(runtime),
    timers: await timerValues(runtime),
    effects: await requestValues(runtime),
    readModels,
  }
}

// Each instance knows what is deferred in the groups that it holds.
function deferredOf(runs: readonly ServiceRun[]): readonly DeferredDelivery[] {
  const found = new Map<string, DeferredDelivery>()
  for (const { runtime } of runs)
    for (const event of deferredEvents(runtime))
      found.set(JSON.stringify([event.subscriber, event.source, event.id]), event)
  return [...found.values()]
}

/** All rows of a table, in the order of their keys. */
export async function readRows(store: Store, table: string): Promise<readonly RowEvidence[]> {
  const rows: RowEvidence[] = []
  for (let after: string | undefined; ; ) {
    const page = await store.find({ table, limit: 1_000, ...(after === undefined ? {} : { after: { key: after } }) })
    for (const { key, json } of page) rows.push({ key, row: JSON.parse(json) })
    after = page.at(-1)?.key
    if (page.length < 1_000) return rows
  }
}

async function readFacts(store: Store): Promise<readonly StoredFact[]> {
  const facts: StoredFact[] = []
  for (let after = ''; ; ) {
    const page = await store.readFacts({ after, limit: 1_000 })
    facts.push(...page.facts)
    if (page.next === after || page.next >= page.head) return facts
    after = page.next
  }
}
