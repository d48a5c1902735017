// What can be seen of a system that has come to rest: its logs, its rows, what its subscribers hold, what its clients were told.

import type { LoggedEvent, Service } from 'tidings'
import {
  type HeldLetter,
  heldLetters,
  type RequestValue,
  requestValues,
  type TimerValue,
  timerValues,
} from 'tidings/operations'
import type { Store, StoredFact } from 'tidings/ports'
import { readWholeLog } from '../../world/read-log.ts'
import type { CommandAccount } from '../workload/clients.ts'
import { readInstances, type SeenInstance, witnessesOf } from './process-histories.ts'
import type { ProcessRuns } from '../instrumentation/observe-process.ts'
import type { Stage } from '../system/simulated-system.ts'
import { readWitnesses, type Witness } from '../instrumentation/record-executions.ts'

/** A row as a query would see it. */
export interface SeenRow {
  readonly key: string
  readonly row: unknown
}

/** What is seen of one service. */
export interface SeenService {
  readonly service: Service
  /** What it has published, in order. */
  readonly published: readonly LoggedEvent[]
  /** The same, as subscribers are handed it by the broker. */
  readonly heard: readonly LoggedEvent[]
  /** The history of its streams. */
  readonly facts: readonly StoredFact[]
  /** Which functions have taken effect, in order; those of process managers come behind the others. */
  readonly witnesses: readonly Witness[]
  readonly held: readonly HeldLetter[]
  readonly instances: readonly SeenInstance[]
  /** Timers that are set, and effects that were requested and not performed. */
  readonly timers: readonly TimerValue[]
  readonly effects: readonly RequestValue[]
  /** The rows of its read models and replicas, by the name its definition gives them. */
  readonly readModels: ReadonlyMap<string, readonly SeenRow[]>
}

/** What is seen of a system. */
export interface Evidence {
  readonly services: ReadonlyMap<string, SeenService>
  readonly commands: readonly CommandAccount[]
  /** What the functions of process managers have answered. */
  readonly processRuns: ProcessRuns
}

/** Looks at a system that has come to rest. */
export async function collectEvidence(stage: Stage, commands: readonly CommandAccount[]): Promise<Evidence> {
  const seen = new Map<string, SeenService>()
  for (const service of stage.services.values()) seen.set(service.name, await see(stage, service))
  const eventsById = new Map([...seen.values()].flatMap(({ published }) => published.map((event) => [event.id, event])))
  const services = new Map(
    [...seen].map(([name, { witnesses, ...rest }]) => {
      const ofProcesses = witnessesOf(rest.service, rest.instances, eventsById)
      return [name, { ...rest, witnesses: [...witnesses, ...ofProcesses] }] as const
    }),
  )
  return { services, commands, processRuns: stage.processRuns }
}

async function see(stage: Stage, service: Service): Promise<SeenService> {
  const { name } = service
  const { runtime } = stage.runs.of(name)
  const store = stage.stores.get(name) as Store
  const readModels = new Map<string, readonly SeenRow[]>()
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
    published: await readWholeLog((request) => store.readLog(request)),
    heard: await readWholeLog((request) => stage.engine.broker.read(name, request)),
    facts: await readFacts(store),
    witnesses: await readWitnesses(store),
    held: heldLetters(runtime),
    instances: await readInstances(runtime),
    timers: await timerValues(runtime),
    effects: await requestValues(runtime),
    readModels,
  }
}

/** All rows of a table, in the order of their keys. */
export async function readRows(store: Store, table: string): Promise<readonly SeenRow[]> {
  const rows: SeenRow[] = []
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
