// Reads scheduled items and the instances of process managers with their data, for tests that compare all of them.
// Invariant: data are upcast to the newest version, as the functions that handle them receive them.

import type { VersionChain } from '../contracts/index.ts'
import { instanceKey, type ProcessInstance, streamOfRun } from '../runtime/process-managers/process-instance.ts'
import { idempotencyKeyOf } from '../runtime/schedule/request-effect.ts'
import { readItemData, type ScheduledItem, serviceTimers } from '../runtime/schedule/scheduled-item.ts'
import { readScheduled } from '../runtime/schedule/scheduled-row.ts'
import type { ServiceRuntime } from '../runtime/service/service-runtime.ts'
import { loadStream } from '../runtime/streams/load-stream.ts'
import { keysUnder, pagesOfRows } from '../runtime/unit-of-work/pages-of-rows.ts'
import { readDocument, readDocuments, systemTables } from '../runtime/unit-of-work/system-tables.ts'

/** A timer that is set and not handled yet. */
export interface TimerValue {
  /** The process that it belongs to; `undefined` for a timer of the service. */
  readonly process: string | undefined
  readonly timer: string
  readonly key: string
  /** In milliseconds since 1970. */
  readonly dueAt: number
  /** The `occurredAt` of the function that set it, in milliseconds since 1970; `after` counts from it. */
  readonly setAt: number
  /** How it recurs; `undefined` if it comes due once. */
  readonly every: { readonly cron: string; readonly timeZone: string } | undefined
  readonly data: unknown
}

/** An effect that is requested and not performed yet. */
export interface RequestValue {
  readonly effect: string
  readonly idempotencyKey: string
  readonly key: string
  /** In milliseconds since 1970. */
  readonly dueAt: number
  readonly input: unknown
}

/** An instance of a process manager. */
export interface InstanceValue {
  readonly state: ProcessInstance['state']
  /** The number of times the key was started. */
  readonly run: number
  /** The number of steps in all runs. */
  readonly steps: number
  /** The state that its facts evolved to. */
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

/** All effects of a service that are requested and not performed yet, in the order of their idempotency keys. */
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

/** An instance of a process manager; `undefined` if the key was never started. */
export async function instanceValue(
  service: ServiceRuntime,
  process: string,
  key: string,
): Promise<InstanceValue | undefined> {
  const { store } = service
  const stored = await readDocument<ProcessInstance>(store, systemTables.processes, instanceKey(process, key))
  if (stored === undefined) return undefined
  const { state, run, steps } = stored.document
  const manager = service.declaration.processes.find(({ name }) => name === process)
  if (manager === undefined) return { state, run, steps, value: undefined }
  return { state, run, steps, value: (await loadStream(store, manager.decider, streamOfRun(key, run))).state }
}

/** Whether a stream of a process manager belongs to an instance, in any of its runs. */
export function isStreamOfInstance(stream: string, key: string): boolean {
  const [, run = '1'] = /#(\d+)$/.exec(stream) ?? []
  return stream === streamOfRun(key, 1) || stream === streamOfRun(key, Number(run))
}

/** The states of all instances of a service's process managers, by `<process>/<key>`. */
export async function instanceStates(service: ServiceRuntime): Promise<ReadonlyMap<string, ProcessInstance['state']>> {
  const states = new Map<string, ProcessInstance['state']>()
  for (const { name } of service.declaration.processes) {
    const rows = await readDocuments<ProcessInstance>(service.store, systemTables.processes, `${name}/`)
    for (const { document } of rows) states.set(`${name}/${document.key}`, document.state)
  }
  return states
}

async function itemsOf(service: ServiceRuntime, kind: ScheduledItem['kind']): Promise<readonly ScheduledItem[]> {
  const items: ScheduledItem[] = []
  for await (const rows of pagesOfRows(service.store, { table: systemTables.schedule, ...keysUnder(`${kind}/`) }))
    for (const row of rows) items.push(readScheduled(row).item)
  return items
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
