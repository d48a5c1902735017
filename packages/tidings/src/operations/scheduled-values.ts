// What a service has to do later and where its process managers stand, with the data: for tests, which compare all of it.
// Invariant: data come as the newest version this code knows, as they come to the functions that get them.

import type { VersionChain } from '../contracts/index.ts'
import { instanceKey, type ProcessInstance, streamOfRun } from '../runtime/process-managers/process-instance.ts'
import { idempotencyKeyOf } from '../runtime/schedule/request-effect.ts'
import {
  readItemData,
  type ScheduledItem,
  type ScheduledRow,
  serviceTimers,
} from '../runtime/schedule/scheduled-item.ts'
import type { ServiceRuntime } from '../runtime/service/service-runtime.ts'
import { loadStream } from '../runtime/streams/load-stream.ts'
import { readDocument, readDocuments, systemTables } from '../runtime/unit-of-work/system-tables.ts'

/** A timer that is set and was not handled yet. */
export interface TimerValue {
  /** The process whose timer it is; `undefined` for the service's own. */
  readonly process: string | undefined
  readonly timer: string
  readonly key: string
  /** In milliseconds since 1970. */
  readonly dueAt: number
  /** When what set it occurred, in milliseconds since 1970: `after` counts from there. */
  readonly setAt: number
  /** When it comes back. */
  readonly every: { readonly cron: string; readonly timeZone: string } | undefined
  readonly data: unknown
}

/** An effect that was requested and not performed yet. */
export interface RequestValue {
  readonly effect: string
  readonly idempotencyKey: string
  readonly key: string
  /** In milliseconds since 1970. */
  readonly dueAt: number
  readonly input: unknown
}

/** Where an instance of a process manager stands. */
export interface InstanceValue {
  readonly state: ProcessInstance['state']
  /** 1 for the first time the key was started. */
  readonly run: number
  /** Steps taken, of all runs. */
  readonly steps: number
  /** What its facts have led to. */
  readonly value: unknown
}

/** All timers of a service that are set, next due first. */
export async function timerValues(service: ServiceRuntime): Promise<readonly TimerValue[]> {
  const items = await itemsOf(service, 'timer')
  const values = items.map(
    (item): TimerValue => ({
      process: item.owner === serviceTimers ? undefined : item.owner,
      timer: item.name,
      key: item.key,
      dueAt: item.dueAt,
      setAt: item.origin.occurredAt,
      every: item.every,
      data: dataOf(timerChain(service, item), item),
    }),
  )
  return values.sort((a, b) => a.dueAt - b.dueAt)
}

/** All effects of a service that were requested and not performed yet, in the order of their idempotency keys. */
export async function requestValues(service: ServiceRuntime): Promise<readonly RequestValue[]> {
  const chains = effectChains(service)
  return (await itemsOf(service, 'effect')).map((item) => ({
    effect: item.name,
    idempotencyKey: idempotencyKeyOf(item),
    key: item.key,
    dueAt: item.dueAt,
    input: dataOf(chains.get(item.name), item),
  }))
}

/** Where an instance stands; `undefined` where it was never started. */
export async function instanceValue(
  service: ServiceRuntime,
  process: string,
  key: string,
): Promise<InstanceValue | undefined> {
  const { store } = service
  const kept = await readDocument<ProcessInstance>(store, systemTables.processes, instanceKey(process, key))
  if (kept === undefined) return undefined
  const { state, run, steps } = kept.document
  const manager = service.declaration.processes.find(({ name }) => name === process)
  if (manager === undefined) return { state, run, steps, value: undefined }
  return { state, run, steps, value: (await loadStream(store, manager.decider, streamOfRun(key, run))).state }
}

/** Whether a stream of a process manager holds facts of the instance of a key, in whichever of its runs. */
export function isStreamOfInstance(stream: string, key: string): boolean {
  const [, run = '1'] = /#(\d+)$/.exec(stream) ?? []
  return stream === streamOfRun(key, 1) || stream === streamOfRun(key, Number(run))
}

/** How all instances of a service's process managers stand, by `<process>/<key>`. */
export async function instanceStates(service: ServiceRuntime): Promise<ReadonlyMap<string, ProcessInstance['state']>> {
  const states = new Map<string, ProcessInstance['state']>()
  for (const { name } of service.declaration.processes) {
    const rows = await readDocuments<ProcessInstance>(service.store, systemTables.processes, `${name}/`)
    for (const { document } of rows) states.set(`${name}/${document.key}`, document.state)
  }
  return states
}

async function itemsOf(service: ServiceRuntime, kind: ScheduledItem['kind']): Promise<readonly ScheduledItem[]> {
  const rows = await readDocuments<ScheduledRow>(service.store, systemTables.schedule, `${kind}/`)
  return rows.map(({ document }) => document.item)
}

function dataOf(chain: VersionChain | undefined, item: ScheduledItem): unknown {
  return chain === undefined ? JSON.parse(item.data) : readItemData(chain, item)
}

function timerChain(service: ServiceRuntime, { owner, name }: ScheduledItem): VersionChain | undefined {
  const { processes, timers } = service.declaration
  const declared = owner === serviceTimers ? timers : processes.find((manager) => manager.name === owner)?.timers
  return declared?.[name]?.chain
}

function effectChains({ declaration: service }: ServiceRuntime): ReadonlyMap<string, VersionChain> {
  const functions = [
    ...service.commands,
    ...service.handlers,
    ...service.timerHandlers,
    ...service.effects,
    ...service.processes,
  ]
  const effects = [...functions.flatMap(({ requests }) => requests), ...service.effects.map(({ effect }) => effect)]
  return new Map(effects.map(({ name, chain }) => [name, chain]))
}
